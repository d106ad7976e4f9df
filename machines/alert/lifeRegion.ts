import { raise } from 'xstate';
import { instantOf } from '../shared/protocol.ts';
import * as dependents from './dependents.ts';
import * as life from './life.ts';
import { alertSetup } from './setup.ts';

/** What an emission means: an alert that begins, one that goes on, one that comes and goes too often. */
export const lifeRegion = alertSetup.createStateConfig({
  initial: 'quiet',
  on: {
    DEPENDENT: { actions: { type: 'set', params: ({ context, event }) => dependents.told(context, event) } },
  },
  states: {
    quiet: {
      on: {
        EMITTED: {
          target: 'firing',
          actions: [
            { type: 'set', params: ({ context, event }) => life.opened(context, event) },
            raise(({ event }) => ({ type: 'OPENED', at: instantOf(event) })),
          ],
        },
      },
    },
    firing: {
      on: {
        EMITTED: [
          {
            guard: { type: 'isNewId', params: ({ event }) => event },
            actions: [
              { type: 'audit', params: ({ context, event }) => life.collision(context, event) },
              { type: 'set', params: ({ context, event }) => life.joined(context, event) },
              raise(({ event }) => event),
            ],
          },
          {
            guard: { type: 'rises', params: ({ event }) => event },
            actions: [
              { type: 'set', params: ({ event }) => life.worsened(event) },
              raise(({ event }) => ({ type: 'ESCALATED', at: instantOf(event) })),
            ],
          },
          {
            guard: { type: 'holdChanges', params: ({ event }) => event },
            actions: [
              { type: 'set', params: ({ event }) => life.hold(event) },
              raise(({ event }) => ({ type: 'HOLD_CHANGED', at: instantOf(event) })),
            ],
          },
        ],
        IDS_UNSTABLE: {
          guard: 'isThoughtStable',
          actions: [
            { type: 'audit', params: ({ context, event }) => life.unstableAudit(context, event) },
            { type: 'set', params: ({ context, event }) => life.unstable(context, event) },
          ],
        },
        RESOLVED: [
          { guard: { type: 'isUnknownId', params: ({ event }) => event.alertId } },
          {
            guard: 'othersFire',
            actions: { type: 'set', params: ({ context, event }) => life.left(context, event) },
          },
          { guard: 'isFlapping', target: 'cooling', actions: { type: 'set', params: { ids: [] } } },
          {
            target: 'resolved',
            actions: [
              { type: 'set', params: life.ended },
              raise(({ event }) => ({ type: 'ENDED', at: instantOf(event), reason: event.reason })),
            ],
          },
        ],
      },
    },
    // Flapping: it stays one episode until it has been quiet for a whole window.
    cooling: {
      on: {
        EMITTED: {
          target: 'firing',
          actions: [{ type: 'set', params: ({ event }) => life.resumed(event) }, raise(({ event }) => event)],
        },
      },
      after: {
        flapWindow: {
          target: 'resolved',
          actions: [
            { type: 'set', params: { ...life.ended, flapping: false } },
            raise(({ event }) => ({ type: 'ENDED', at: instantOf(event), reason: 'quiet after flapping' })),
          ],
        },
      },
    },
    resolved: {
      on: {
        EMITTED: [
          {
            guard: { type: 'flaps', params: ({ event }) => event },
            target: 'firing',
            actions: [
              { type: 'set', params: ({ event }) => ({ ...life.resumed(event), ...life.hold(event) }) },
              raise(({ event }) => ({ type: 'RESUMED', at: instantOf(event) })),
              raise(({ event }) => event),
            ],
          },
          {
            target: 'firing',
            actions: [
              { type: 'set', params: ({ context, event }) => life.opened(context, event) },
              raise(({ event }) => ({ type: 'OPENED', at: instantOf(event) })),
            ],
          },
        ],
      },
    },
  },
});
