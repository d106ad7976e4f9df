import { output } from '../shared/filing.ts';
import { reportStillInDoubt } from '../shared/helpdeskMessages.ts';
import type { TicketUpdateResult } from '../shared/protocol.ts';
import {
  giveTurnBack,
  leaveHelpdeskQueue,
  onBroken,
  onFiled,
  onFiledAfterDoubt,
  onFirstMember,
  onJoined,
  onLastLeft,
  onLeft,
  onRefused,
  reportFailed,
  reportInDoubt,
  reportWaiting,
  startNextStorm,
} from './actions.ts';
import { lastTry } from './filing.ts';
import { endNote, updateDroppedAudit } from './notes.ts';
import { umbrellaSetup } from './setup.ts';
import { standing } from './standing.ts';
import type { UmbrellaContext } from './types.ts';

const auditEndNote = {
  type: 'audit',
  params: ({ context, event }: { context: UmbrellaContext; event: { output: TicketUpdateResult } }) =>
    updateDroppedAudit(endNote(context, event), event.output, context),
} as const;

/** One ticket for the storm, from its first member until nothing has joined for a while. */
export const ticketRegion = umbrellaSetup.createStateConfig({
  initial: 'calm',
  on: {
    TICKET_MEMBER: { actions: onJoined },
    // After the storm there is no ticket to say it on.
    TICKET_WORSE: {
      guard: 'hasStorm',
      actions: { type: 'raiseMember', params: ({ event }) => event.member },
    },
    // A member that the ticket names stays on it.
    TICKET_LEFT: { guard: { type: 'isUnnamed', params: ({ event }) => event.alertKey }, actions: onLeft },
  },
  states: {
    calm: {
      description: 'No storm.',
      entry: 'endStorm',
      on: { TICKET_MEMBER: { target: 'filing', actions: onFirstMember } },
    },

    filing: {
      description:
        'Members that join meanwhile are listed in a note once the ticket exists. A request in flight cannot be ' +
        'cancelled.',
      invoke: {
        id: 'file',
        src: 'fileTicket',
        input: ({ context }) => ({ filingId: context.filingId ?? '', probe: context.probe, ...lastTry(context) }),
        onDone: [
          { guard: { type: 'isFiled', params: output }, target: 'standing', actions: onFiled },
          { guard: { type: 'isInDoubt', params: output }, target: 'doubtful', actions: reportInDoubt },
          // All members resolved before there was a ticket.
          { guard: 'isEmpty', target: 'calm', actions: giveTurnBack },
          // All members resolved, and others joined since.
          {
            guard: { type: 'isWithdrawn', params: output },
            target: 'filing',
            reenter: true,
            actions: [giveTurnBack, ...startNextStorm],
          },
          { guard: { type: 'isRefused', params: output }, target: 'calm', actions: onRefused },
          { target: 'waiting', actions: reportFailed },
        ],
        onError: { target: 'calm', actions: onBroken },
      },
      on: {
        TICKET_LEFT: { guard: { type: 'isLastMember', params: ({ event }) => event.alertKey }, actions: onLastLeft },
      },
    },

    doubtful: {
      description:
        'A ticket may have been created. It is looked up until the doubt is over, and nothing is posted before that.',
      invoke: {
        id: 'settle',
        src: 'settleDoubt',
        input: ({ context }) => ({ filingId: context.filingId ?? '', ...lastTry(context) }),
        onDone: [
          { guard: { type: 'isFiled', params: output }, target: 'standing', actions: onFiledAfterDoubt },
          { guard: 'isEmpty', target: 'calm' },
          { guard: { type: 'wasPosted', params: output }, target: 'waiting', actions: reportWaiting },
          { target: 'filing', actions: { type: 'setTurn', params: { probe: false } } },
        ],
        onError: { target: 'calm', actions: onBroken },
      },
      on: {
        TICKET_LEFT: { guard: { type: 'isLastMember', params: ({ event }) => event.alertKey }, actions: onLastLeft },
      },
      initial: 'looking',
      states: {
        looking: {
          description: 'The doubt is reported to the circuit breaker again, in case the first report was lost.',
          after: {
            reminder: {
              target: 'looking',
              reenter: true,
              actions: { type: 'tell', params: reportStillInDoubt },
            },
          },
        },
      },
    },

    waiting: {
      description:
        'The help desk fails, or it refused this ticket. While it fails, one filing at a time tries for all; its ' +
        'success releases the others. If all members resolve before its turn, it is never posted.',
      on: {
        TRY: { target: 'filing', actions: { type: 'setTurn', params: ({ event }) => event } },
        // All members resolved before its turn: never filed.
        TICKET_LEFT: {
          guard: { type: 'isLastMember', params: ({ event }) => event.alertKey },
          target: 'calm',
          actions: [...onLastLeft, leaveHelpdeskQueue],
        },
      },
      after: {
        reminder: {
          target: 'waiting',
          reenter: true,
          actions: reportWaiting,
        },
      },
    },

    standing,

    ending: {
      description:
        'Nothing has joined for a while: a last note says that the storm is over. Members that join meanwhile ' +
        'continue the storm. The ticket stays open: closing it is up to a person.',
      invoke: {
        id: 'end',
        src: 'keepTicket',
        input: ({ context, event }) => endNote(context, event),
        // A person closed or deleted the ticket: the note is dropped, and audited.
        onDone: [
          { guard: 'hasNews', target: 'standing', actions: auditEndNote },
          { target: 'calm', actions: auditEndNote },
        ],
        // The host keeps the note as a dead letter, which a person may replay.
        onError: [{ guard: 'hasNews', target: 'standing' }, { target: 'calm' }],
      },
    },
  },
});
