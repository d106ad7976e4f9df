import * as desk from '../shared/helpdeskMessages.ts';
import * as waiting from '../shared/waiting.ts';
import {
  endedMeanwhile,
  filed,
  filedAfterAll,
  found,
  givenUp,
  heldBack,
  letGo,
  missed,
  refusedFor,
  skip,
  superfluous,
  undecided,
  unwanted,
} from './answers.ts';
import * as life from './life.ts';
import { alertSetup } from './setup.ts';
import * as ticket from './ticket.ts';

/** An episode has one ticket at most; where it has none, it rests in the state that says why. */
export const ticketRegion = alertSetup.createStateConfig({
  initial: 'none',
  on: {
    FOUND: [
      {
        guard: { type: 'isWanted', params: ({ event }) => event },
        target: '.ticketed',
        actions: [
          { type: 'withdraw', params: ({ context }) => ticket.current(context) },
          { type: 'tell', params: ({ context }) => desk.left(ticket.me(context)) },
          ...found,
          { type: 'set', params: { filing: null } },
        ],
      },
      { actions: found },
    ],
  },
  states: {
    none: {
      on: {
        OPENED: 'deciding',
        RESUMED: 'deciding',
        RECONSIDER: {
          guard: 'goesOn',
          target: 'deciding',
          actions: { type: 'audit', params: ({ context }) => ticket.reconsideredAudit(context) },
        },
      },
    },
    // What was decided for good in this episode holds when it resumes: it never gets two tickets.
    deciding: {
      always: [
        { guard: 'isOver', target: 'none', actions: missed },
        { guard: 'hasTicket', target: 'ticketed' },
        { guard: 'isBelowThreshold', target: 'belowThreshold' },
        { guard: 'isHeld', target: 'heldBack' },
        { guard: 'wasRejected', target: 'rejected' },
        { guard: { type: 'wasSkippedFor', params: 'storm' }, target: 'stormed' },
        {
          target: 'filing',
          actions: [
            { type: 'set', params: ({ context }) => ticket.begun(context) },
            { type: 'intend', params: ({ context }) => ticket.intent(context) },
          ],
        },
      ],
    },
    belowThreshold: { entry: skip('below_threshold'), on: { ESCALATED: 'deciding', ENDED: 'none' } },
    // It deserves a ticket and gets none for now; once nothing holds it, its next emission files.
    heldBack: {
      entry: heldBack,
      on: {
        HOLD_CHANGED: { target: 'deciding', actions: letGo },
        ESCALATED: { target: 'deciding', actions: letGo },
        FOUND: [
          {
            guard: { type: 'isWanted', params: ({ event }) => event },
            target: 'ticketed',
            actions: [...letGo, ...found],
          },
          { actions: found },
        ],
        ENDED: {
          target: 'none',
          actions: { type: 'hold', params: ({ context }) => ticket.holdOver(context, 'ended') },
        },
      },
    },
    filing: {
      invoke: {
        id: 'file',
        src: 'fileTicket',
        input: ({ context }) => ({ filingId: context.filing?.filingId ?? '', probe: context.probe }),
        onDone: [
          filed,
          {
            guard: { type: 'isDoubt', params: ({ event }) => event.output },
            target: 'doubtful',
            actions: { type: 'tell', params: ({ event }) => desk.inDoubt(event.output) },
          },
          unwanted,
          superfluous,
          {
            guard: { type: 'isHold', params: ({ event }) => event.output },
            target: 'heldBack',
            actions: { type: 'set', params: ({ event }) => ticket.stopped(event.output) },
          },
          refusedFor('storm', 'stormed'),
          refusedFor('silent', 'silent'),
          refusedFor('unstable_id', 'suspect'),
          refusedFor('withdrawn', 'deciding'),
          { guard: { type: 'isOwnFault', params: ({ event }) => event.output }, ...givenUp },
          {
            target: 'waiting',
            actions: { type: 'tell', params: ({ context, event }) => desk.fails(ticket.me(context), event.output) },
          },
        ],
        onError: [unwanted, superfluous, givenUp],
      },
      // What is under way cannot be called back, so it goes on; two tickets are told as such, one is enough.
      on: { ENDED: endedMeanwhile, FOUND: { actions: found } },
    },
    // Posted perhaps: looked for until the doubt is over, and never posted again before that.
    doubtful: {
      invoke: {
        id: 'settle',
        src: 'settleDoubt',
        input: ({ context }) => ({ filingId: context.filing?.filingId ?? '' }),
        onDone: [
          filedAfterAll,
          unwanted,
          superfluous,
          { target: 'filing', actions: { type: 'set', params: { probe: false } } },
        ],
        onError: [unwanted, superfluous, givenUp],
      },
      on: { ENDED: endedMeanwhile, FOUND: { actions: found } },
      ...waiting.looking,
    },
    // The help desk fails. One filing at a time tries for the whole fleet; the others wait for its word.
    waiting: {
      entry: skip('freescout_unavailable'),
      on: {
        TRY: waiting.itsTurn,
        ENDED: {
          target: 'deciding',
          actions: [
            { type: 'withdraw', params: ({ context }) => ticket.current(context) },
            { type: 'tell', params: ({ context }) => desk.left(ticket.me(context)) },
            { type: 'set', params: { filing: null } },
          ],
        },
      },
      after: { reminder: waiting.reminds(ticket.me) },
    },
    ticketed: {
      on: {
        ESCALATED: { actions: { type: 'set', params: ({ context, event }) => life.noteSeverity(context, event) } },
        ENDED: { actions: { type: 'set', params: ({ context, event }) => life.noteResolved(context, event) } },
        OPENED: 'deciding',
      },
    },
    // Too many tickets from one source: named on the umbrella ticket instead.
    stormed: {
      entry: [
        ...skip('storm'),
        { type: 'tell', params: ({ context }) => ticket.joinUmbrella(context, 'TICKET_MEMBER') },
        // The message that names many names it too, even where it had a message of its own.
        { type: 'tell', params: ({ context }) => ticket.joinUmbrella(context, 'DM_MEMBER') },
      ],
      on: {
        UNLISTED: [
          {
            guard: { type: 'isRejected', params: ({ event }) => event.reason },
            target: 'rejected',
            actions: {
              type: 'set',
              params: ({ context, event }) => ticket.buriedTogether(context, event.filingId),
            },
          },
          {
            target: 'heldBack',
            actions: { type: 'set', params: ({ event }) => ticket.heldFor(event.reason) },
          },
        ],
        ENDED: {
          target: 'none',
          actions: { type: 'tell', params: ({ context }) => ticket.leaveUmbrella(context) },
        },
      },
    },
    // The sender said nothing for so long that filing anew would be guessing; its next word decides again.
    silent: { entry: skip('silent'), on: undecided },
    // Perhaps an alert that has its ticket, under a new id: its next word decides, or that there is none for a while.
    suspect: { entry: skip('unstable_id'), on: undecided, after: { secondLook: 'deciding' } },
    // The help desk refuses this very ticket; asking again the same way cannot help. A person may ask in another.
    rejected: {
      entry: skip('rejected'),
      on: {
        REPLAYED: {
          guard: { type: 'isLetter', params: ({ event }) => event.filingId },
          target: 'deciding',
          actions: { type: 'set', params: ({ context, event }) => ticket.replayed(context, event.words) },
        },
        ENDED: 'none',
      },
    },
  },
});
