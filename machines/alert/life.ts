import { raise } from 'xstate';
import { instantOf } from '../shared/protocol.ts';
import { coolingState, endEpisode, opensNothing } from './cooling.ts';
import * as episode from './episode.ts';
import { alertSetup } from './setup.ts';

/**
 * What emissions and resolutions mean: an episode opens, continues, gets worse, flaps or ends. The other regions follow the
 * events that this one raises. What suppresses the alert is updated before messages are queued: a silence holds them back.
 */
export const lifeRegion = alertSetup.createStateConfig({
  initial: 'quiet',
  on: {
    DEPENDENT: { actions: { type: 'addDependent', params: ({ event }) => event } },
    RESOLVED_BY_HAND: {
      guard: 'isActive',
      target: '.resolved',
      actions: [
        { type: 'audit', params: ({ context, event }) => episode.resolvedByHandAudit(context, event) },
        ...endEpisode,
        raise(({ event }) => ({ type: 'ENDED', at: instantOf(event), reason: episode.byHand(event) })),
      ],
    },
    EXPIRED: {
      guard: 'isActive',
      target: '.resolved',
      actions: [...endEpisode, raise(({ event }) => ({ type: 'ENDED', at: instantOf(event), reason: event.reason }))],
    },
  },
  states: {
    quiet: {
      description: 'No episode so far. A resolution changes nothing.',
      on: {
        EMITTED: [
          opensNothing,
          {
            target: 'firing',
            actions: [
              { type: 'openEpisode', params: ({ event }) => event },
              raise(({ event }) => ({ type: 'OPENED', at: instantOf(event) })),
            ],
          },
        ],
      },
    },

    firing: {
      description:
        'An episode is open. A repeat changes nothing. Changed facts are stored; a lower severity is only shown, ' +
        'because an episode keeps the highest. A changed title is announced. The episode ends when all its ids have ' +
        'resolved; the resolution of an unknown id changes nothing.',
      on: {
        EMITTED: [
          {
            guard: { type: 'isNewId', params: ({ event }) => event },
            actions: [
              { type: 'audit', params: ({ context, event }) => episode.collisionAudit(context, event) },
              { type: 'addId', params: ({ event }) => event.alertId },
              raise(({ event }) => event),
            ],
          },
          {
            guard: { type: 'severityRises', params: ({ event }) => event },
            actions: [
              { type: 'escalate', params: ({ event }) => event },
              raise(({ event }) => ({ type: 'ESCALATED', at: instantOf(event) })),
            ],
          },
          {
            guard: { type: 'isRetitled', params: ({ event }) => event },
            actions: [
              { type: 'retitle', params: ({ event }) => event },
              raise(({ event }) => event),
              raise(({ event }) => ({ type: 'RETITLED', at: instantOf(event) })),
            ],
          },
          {
            guard: { type: 'factsChange', params: ({ event }) => event },
            actions: [{ type: 'updateFacts', params: ({ event }) => event }, raise(({ event }) => event)],
          },
          {
            guard: { type: 'suppressionChanges', params: ({ event }) => event },
            actions: [
              { type: 'updateSuppression', params: ({ event }) => event },
              raise(({ event }) => ({ type: 'HOLD_CHANGED', at: instantOf(event) })),
            ],
          },
        ],
        HOLD_REVIEWED: {
          guard: { type: 'suppressionChanges', params: ({ event }) => event },
          actions: [
            { type: 'updateSuppression', params: ({ event }) => event },
            raise(({ event }) => ({ type: 'HOLD_CHANGED', at: instantOf(event) })),
          ],
        },
        IDS_UNSTABLE: {
          guard: 'idsSeemStable',
          actions: [
            { type: 'audit', params: ({ context, event }) => episode.unstableIdsAudit(context, event) },
            { type: 'queueUnstableIdsNote', params: ({ event }) => event },
          ],
        },
        RESOLVED: [
          { guard: { type: 'isUnknownId', params: ({ event }) => event.alertId } },
          { guard: 'hasOtherIds', actions: { type: 'removeId', params: ({ event }) => event.alertId } },
          { guard: { type: 'mayReturn', params: ({ event }) => event }, target: 'cooling', actions: 'clearIds' },
          {
            target: 'resolved',
            actions: [
              ...endEpisode,
              raise(({ event }) => ({ type: 'ENDED', at: instantOf(event), reason: event.reason })),
            ],
          },
        ],
      },
    },

    cooling: coolingState,

    resolved: {
      description:
        'The episode is over. The next emission opens a new one with a ticket of its own, with two exceptions. If ' +
        'episodes begin too often, it resumes this one. If it comes within REOPEN_WITHIN_MINUTES, the new episode ' +
        'continues the ticket of this one while that is open. A resolution changes nothing.',
      on: {
        EMITTED: [
          opensNothing,
          {
            guard: { type: 'beginsTooOften', params: ({ event }) => event },
            target: 'firing',
            actions: [
              { type: 'resumeEpisode', params: ({ event }) => event },
              { type: 'updateSuppression', params: ({ event }) => event },
              raise(({ event }) => ({ type: 'RESUMED', at: instantOf(event) })),
              raise(({ event }) => event),
            ],
          },
          {
            guard: { type: 'beginsSoon', params: ({ event }) => event },
            target: 'firing',
            actions: [
              { type: 'continueEpisode', params: ({ event }) => event },
              raise(({ event }) => ({ type: 'OPENED', at: instantOf(event) })),
            ],
          },
          {
            target: 'firing',
            actions: [
              { type: 'openEpisode', params: ({ event }) => event },
              raise(({ event }) => ({ type: 'OPENED', at: instantOf(event) })),
            ],
          },
        ],
      },
    },
  },
});
