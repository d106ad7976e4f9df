import * as desk from '../shared/helpdeskMessages.ts';
import * as waiting from '../shared/waiting.ts';
import { broken, filed, filedAfterAll, filesAnew, joins, lastLeaves, leaves, needless } from './answers.ts';
import * as storm from './members.ts';
import { umbrellaSetup } from './setup.ts';
import { standing } from './standing.ts';

const goesOn = { guard: 'isUnlisted', target: 'standing' } as const;

/** One ticket for the storm, from its first member until nothing has joined for a while. */
export const ticketRegion = umbrellaSetup.createStateConfig({
  initial: 'calm',
  on: {
    TICKET_MEMBER: { actions: joins },
    // Whoever is named already stays on the ticket.
    TICKET_LEFT: {
      guard: { type: 'isUnnamed', params: ({ event }) => event.alertKey },
      actions: leaves,
    },
  },
  states: {
    calm: {
      entry: { type: 'set', params: storm.calmed },
      on: {
        TICKET_MEMBER: {
          target: 'filing',
          actions: [
            { type: 'set', params: ({ context, event }) => storm.begun(context, [event.member], event) },
            { type: 'intend', params: ({ context }) => storm.intents(context) },
            { type: 'enlist', params: ({ context }) => storm.listed(context) },
          ],
        },
      },
    },
    filing: {
      invoke: {
        id: 'file',
        src: 'fileTicket',
        input: ({ context }) => ({ filingId: context.filingId ?? '', probe: context.probe }),
        onDone: [
          filed,
          {
            guard: { type: 'isDoubt', params: ({ event }) => event.output },
            target: 'doubtful',
            actions: { type: 'tell', params: ({ event }) => desk.inDoubt(event.output) },
          },
          needless,
          {
            guard: { type: 'isWithdrawn', params: ({ event }) => event.output },
            target: 'filing',
            reenter: true,
            actions: filesAnew,
          },
          {
            guard: { type: 'isRefused', params: ({ event }) => event.output },
            target: 'calm',
            actions: [
              { type: 'withdraw', params: ({ context }) => storm.current(context) },
              { type: 'enlist', params: ({ context }) => storm.unlisted(context) },
              { type: 'tell', params: ({ context, event }) => storm.dismissed(context, event.output) },
            ],
          },
          {
            target: 'waiting',
            actions: { type: 'tell', params: ({ context, event }) => desk.fails(storm.me(context), event.output) },
          },
        ],
        onError: broken,
      },
      on: { TICKET_LEFT: lastLeaves },
    },
    // Posted perhaps: looked for until the doubt is over, and never posted again before that.
    doubtful: {
      invoke: {
        id: 'settle',
        src: 'settleDoubt',
        input: ({ context }) => ({ filingId: context.filingId ?? '' }),
        onDone: [filedAfterAll, needless, { target: 'filing', actions: { type: 'set', params: { probe: false } } }],
        onError: broken,
      },
      on: { TICKET_LEFT: lastLeaves },
      ...waiting.looking,
    },
    waiting: {
      on: {
        TRY: waiting.itsTurn,
        TICKET_LEFT: {
          ...lastLeaves,
          target: 'calm',
          actions: [...lastLeaves.actions, { type: 'tell', params: ({ context }) => desk.left(storm.me(context)) }],
        },
      },
      after: { reminder: waiting.reminds(storm.me) },
    },
    standing,
    // The last word stands on the ticket. Whoever joins while it is written takes the storm up again.
    ending: {
      invoke: {
        id: 'end',
        src: 'keepTicket',
        input: ({ context, event }) => storm.endingChore(context, event),
        onDone: [goesOn, { target: 'calm' }],
        // Kept as a dead letter, which a person may send again.
        onError: [goesOn, { target: 'calm' }],
      },
    },
  },
});
