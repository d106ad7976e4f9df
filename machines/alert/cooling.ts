import { raise } from 'xstate';
import { instantOf } from '../shared/protocol.ts';
import { alertSetup } from './setup.ts';
import type { EmittedEvent } from './types.ts';

// A state of the region `life`. Its targets are states of that region.

/** Outages of a flapping surface that no note counts yet are noted before the end. */
export const endEpisode = ['closeEpisode', 'noteLastReturns', 'stopFlapping'] as const;

/** News of an alert that has ended at its sender, such as a new priority there. */
export const opensNothing = {
  guard: { type: 'opensNothing', params: ({ event }: { event: EmittedEvent }) => event },
} as const;

export const coolingState = alertSetup.createStateConfig({
  description:
    'Flapping: the episode stays open until the alert has been quiet for a whole window, or its surface ' +
    'is taken out of the file. Any other resolution changes nothing. A silence suppresses its ticket at once; the ' +
    'end of a suppression counts when it fires again.',
  on: {
    EMITTED: [
      opensNothing,
      {
        guard: { type: 'suppressionChanges', params: ({ event }) => event },
        target: 'firing',
        actions: [
          { type: 'resumeEpisode', params: ({ event }) => event },
          { type: 'updateSuppression', params: ({ event }) => event },
          { type: 'noteReturn', params: ({ event }) => event },
          raise(({ event }) => event),
          raise(({ event }) => ({ type: 'HOLD_CHANGED', at: instantOf(event) })),
        ],
      },
      {
        target: 'firing',
        actions: [
          { type: 'resumeEpisode', params: ({ event }) => event },
          { type: 'noteReturn', params: ({ event }) => event },
          raise(({ event }) => event),
        ],
      },
    ],
    HOLD_REVIEWED: {
      guard: { type: 'silenceBegins', params: ({ event }) => event },
      actions: [
        { type: 'updateSuppression', params: ({ event }) => event },
        raise(({ event }) => ({ type: 'HOLD_CHANGED', at: instantOf(event) })),
      ],
    },
    RESOLVED: {
      guard: { type: 'isFinal', params: ({ event }) => event },
      target: 'resolved',
      actions: [...endEpisode, raise(({ event }) => ({ type: 'ENDED', at: instantOf(event), reason: event.reason }))],
    },
  },
  after: {
    flapWindow: {
      target: 'resolved',
      actions: [
        ...endEpisode,
        raise(({ event }) => ({ type: 'ENDED', at: instantOf(event), reason: 'quiet after flapping' })),
      ],
    },
  },
});
