import {
  leaveHelpdeskQueue,
  onFound,
  onResolvedFirst,
  onSkipped,
  onSuppressed,
  releaseHold,
  withdrawFiling,
} from './actions.ts';
import * as filing from './filing.ts';
import { alertSetup } from './setup.ts';
import { holdEnds } from './suppression.ts';
import { doubtfulState, filingState, waitingState } from './ticketFiling.ts';
import { leaveUmbrella, tellUmbrella } from './umbrellaMessages.ts';

/** An episode has at most one ticket. While it has none, the state says why. */
export const ticketRegion = alertSetup.createStateConfig({
  initial: 'none',
  on: {
    // A ticket was found late for a filing that was closed without one.
    FOUND: [
      {
        guard: { type: 'isMissingTicket', params: ({ event }) => event },
        target: '.ticketed',
        actions: [withdrawFiling, leaveHelpdeskQueue, ...onFound, 'clearFiling'],
      },
      { actions: onFound },
    ],
  },
  states: {
    none: {
      description: 'No episode is open, and no filing is under way. An episode that resumes is decided again.',
      on: {
        OPENED: 'deciding',
        RESUMED: 'deciding',
        RECONSIDER: {
          guard: 'isActive',
          target: 'deciding',
          actions: { type: 'audit', params: ({ context }) => filing.reconsideredAudit(context) },
        },
      },
    },

    deciding: {
      description:
        'Decides at once. An episode that resumes keeps its ticket, its rejection and its place on the umbrella ' +
        'ticket.',
      always: [
        { guard: 'isOver', target: 'none', actions: onResolvedFirst },
        { guard: 'hasTicket', target: 'ticketed' },
        { guard: 'isBelowThreshold', target: 'belowThreshold' },
        { guard: 'isSuppressed', target: 'heldBack' },
        { guard: 'wasRejected', target: 'rejected' },
        { guard: { type: 'wasSkippedFor', params: 'storm' }, target: 'stormed' },
        {
          target: 'filing',
          actions: ['startFiling', { type: 'intend', params: ({ context }) => filing.intents(context) }],
        },
      ],
    },

    belowThreshold: {
      description: 'P3: direct messages only, whether or not the flag is on. Decided again when the severity rises.',
      entry: onSkipped('below_threshold'),
      on: { ESCALATED: 'deciding', ENDED: 'none' },
    },

    heldBack: {
      description:
        'Suppressed: a silence, the flag is off, maintenance, a dependency, this console is offline, or shadow mode, in ' +
        'which the ticket is composed and not posted. Once that is over, the alert files at the next review or emission. ' +
        'Nothing is filed for an episode that has ended.',
      entry: onSuppressed,
      on: {
        HOLD_CHANGED: { target: 'deciding', actions: releaseHold },
        ESCALATED: { target: 'deciding', actions: releaseHold },
        FOUND: [
          {
            guard: { type: 'isMissingTicket', params: ({ event }) => event },
            target: 'ticketed',
            actions: [releaseHold, ...onFound],
          },
          { actions: onFound },
        ],
        ENDED: { target: 'none', actions: { type: 'hold', params: ({ context }) => holdEnds(context, 'ended') } },
      },
    },

    filing: filingState,
    doubtful: doubtfulState,
    waiting: waitingState,

    ticketed: {
      description:
        'A person closing or deleting the ticket changes nothing: one ticket per episode. Later notes are ' +
        'dropped (ticket updates). Neither the flag going off nor a dependency that fails later takes the ' +
        'ticket away. When the episode ends the ticket stays open: closing it is up to a person.',
      on: {
        ESCALATED: { actions: 'queueSeverityNote' },
        RETITLED: { actions: 'queueSeverityNote' },
        ENDED: { actions: { type: 'queueResolvedNote', params: ({ event }) => event } },
        OPENED: 'deciding',
      },
    },

    stormed: {
      description:
        'Too many tickets of one source: the umbrella ticket names the alert. It gets no ticket of its own in ' +
        'this episode, even after the storm or when the flag is turned off and on. A person closing the ' +
        'umbrella ticket changes nothing for an alert that the ticket names.',
      entry: [
        ...onSkipped('storm'),
        { type: 'tell', params: ({ context }) => tellUmbrella(context, 'TICKET_MEMBER') },
        // The grouped message names it too, even if it had a message of its own.
        { type: 'tell', params: ({ context }) => tellUmbrella(context, 'DM_MEMBER') },
      ],
      on: {
        UNLISTED: [
          {
            guard: { type: 'isRejection', params: ({ event }) => event.reason },
            target: 'rejected',
            actions: { type: 'recordUmbrellaDeadLetter', params: ({ event }) => event.filingId },
          },
          { target: 'heldBack', actions: { type: 'suppressFor', params: ({ event }) => event.reason } },
        ],
        ESCALATED: { actions: { type: 'tell', params: ({ context }) => tellUmbrella(context, 'TICKET_WORSE') } },
        ENDED: { target: 'none', actions: { type: 'tell', params: ({ context }) => leaveUmbrella(context) } },
      },
    },

    silent: {
      description:
        'The sender was silent for so long that the alert may be over. It is not resolved. The next emission ' +
        'decides again.',
      entry: onSkipped('silent'),
      on: {
        EMITTED: { guard: { type: 'isRepeat', params: ({ event }) => event }, target: 'deciding' },
        ESCALATED: 'deciding',
        HOLD_CHANGED: 'deciding',
        ENDED: 'none',
      },
    },

    suspect: {
      description:
        'Possibly an alert that already has its ticket, under a new id. Decided again at the next emission, and ' +
        'by the timer.',
      entry: onSkipped('unstable_id'),
      on: {
        EMITTED: { guard: { type: 'isRepeat', params: ({ event }) => event }, target: 'deciding' },
        ESCALATED: 'deciding',
        HOLD_CHANGED: 'deciding',
        ENDED: 'none',
      },
      after: { secondLook: 'deciding' },
    },

    rejected: {
      description:
        'The help desk rejected this very ticket. It is not tried again in this episode, unless a person ' +
        'replays the dead letter.',
      entry: onSkipped('rejected'),
      on: {
        REPLAYED: {
          guard: { type: 'isDeadLetter', params: ({ event }) => event.filingId },
          target: 'deciding',
          actions: { type: 'recordReplay', params: ({ event }) => event.words },
        },
        ENDED: 'none',
      },
    },
  },
});
