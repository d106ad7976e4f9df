import { assign, setup } from 'xstate';
import type {
  AuditEntry,
  ChoreResult,
  FilingIntent,
  FilingResult,
  Membership,
  Tell,
  UmbrellaMember,
  Words,
} from './asks.ts';
import * as desk from './desk.ts';
import { toFile, toTell } from './effects.ts';
import type { UmbrellaContext } from './umbrellaMembers.ts';
import * as storm from './umbrellaMembers.ts';
import { unprovided } from './unprovided.ts';
import { upkeep } from './upkeep.ts';
import * as waiting from './waiting.ts';

/**
 * A source that sends too much: its further alerts are named on one umbrella ticket, and in messages
 * that name many at once. A storm ends when nothing joined for a while; the next one gets its own ticket.
 */

export type UmbrellaEvent =
  /** `words` where a person wrote them for the ticket that was refused. */
  | { type: 'TICKET_MEMBER'; member: UmbrellaMember; words?: Words }
  /** A member is over. */
  | { type: 'TICKET_LEFT'; alertKey: string }
  | { type: 'DM_MEMBER'; member: UmbrellaMember }
  | { type: 'TRY'; probe: boolean };

interface In {
  context: UmbrellaContext;
}
interface Answered extends In {
  event: { output: FilingResult };
}
interface Joining extends In {
  event: { member: UmbrellaMember };
}
interface Leaving extends In {
  event: { alertKey: string };
}

const filedAnd = (tells: (result: FilingResult) => Tell[]) =>
  ({
    guard: { type: 'isFiled', params: ({ event }: Answered) => event.output },
    target: 'standing',
    actions: [
      { type: 'audit', params: ({ context, event }: Answered) => storm.filedAudit(context, event.output) },
      { type: 'tell', params: ({ event }: Answered) => tells(event.output) },
      { type: 'set', params: ({ context, event }: Answered) => storm.filed(context, event.output) },
    ],
  }) as const;

const filed = filedAnd(desk.works);

/** Found after the doubt. */
const filedAfterAll = filedAnd(() => desk.worksAfterAll);

/** All members were over before the ticket was there. */
const needless = { guard: 'isEmpty', target: 'calm' } as const;

/** Another storm's ticket is to name whom this one's does not. */
const filesAnew = [
  { type: 'enlist', params: ({ context }: In) => storm.unlisted(context) },
  { type: 'set', params: ({ context, event }: In & { event: object }) => storm.begun(context, context.members, event) },
  { type: 'intend', params: ({ context }: In) => storm.intents(context) },
  { type: 'enlist', params: ({ context }: In) => storm.listed(context) },
] as const;

const joins = [
  { type: 'enlist', params: ({ context, event }: Joining) => storm.listedOne(context, event.member) },
  { type: 'set', params: ({ context, event }: Joining) => storm.joined(context, event.member) },
] as const;

const leaves = [
  { type: 'enlist', params: ({ context, event }: Leaving) => storm.unlistedOne(context, event.alertKey) },
  { type: 'set', params: ({ context, event }: Leaving) => storm.left(context, event.alertKey) },
] as const;

const broken = {
  target: 'calm',
  actions: [
    { type: 'withdraw', params: ({ context }: In) => storm.current(context) },
    { type: 'enlist', params: ({ context }: In) => storm.unlisted(context) },
    { type: 'tell', params: ({ context }: In) => storm.dismissed(context, null) },
  ],
} as const;

/** Sent, or kept as a dead letter: whom it names is not named again. */
const said = {
  target: 'quiet',
  actions: { type: 'set', params: ({ context }: In) => storm.saidSo(context) },
} as const;

const goesOn = { guard: 'isUnlisted', target: 'standing' } as const;

/** The last member is over: nothing is posted from now on, but what may have been posted is still looked for. */
const lastLeaves = {
  guard: { type: 'isLast', params: ({ event }: { event: { alertKey: string } }) => event.alertKey },
  actions: [{ type: 'withdraw', params: ({ context }: In) => storm.current(context) }, ...leaves],
} as const;

export const umbrellaMachine = setup({
  types: { input: {} as { id: string }, context: {} as UmbrellaContext, events: {} as UmbrellaEvent },
  actors: { ...toFile, ...toTell },
  actions: {
    audit: (_, _entries: AuditEntry[]) => unprovided('audit'),
    intend: (_, _filings: FilingIntent[]) => unprovided('intend'),
    withdraw: (_, _filingIds: string[]) => unprovided('withdraw'),
    enlist: (_, _memberships: Membership[]) => unprovided('enlist'),
    tell: (_, _messages: Tell[]) => unprovided('tell'),
    set: assign((_, change: Partial<UmbrellaContext>) => change),
  },
  guards: {
    isFiled: (_, result: FilingResult) => result.outcome === 'filed',
    isDoubt: (_, result: FilingResult) => result.outcome === 'doubt',
    isWithdrawn: (_, result: FilingResult) => result.outcome === 'refused' && result.reason === 'withdrawn',
    isRefused: (_, result: FilingResult) => result.outcome === 'refused' || (result.outcome === 'failed' && result.own),
    isEmpty: ({ context }) => context.members.length === 0,
    isLast: ({ context }, alertKey: string) => storm.isLast(context, alertKey),
    isUnnamed: ({ context }, alertKey: string) => storm.isUnnamed(context, alertKey),
    isUnlisted: ({ context }) => storm.isUnlisted(context),
    isDropped: (_, result: ChoreResult) => result.outcome === 'dropped',
    isUnsaid: ({ context }) => context.unsaid.length > 0,
    choresWait: ({ context }) => context.chores.length > 0,
    overflows: ({ context }) => storm.overflows(context),
  },
  delays: {
    calm: 10 * 60_000,
    betweenListings: ({ context }) => storm.untilListing(context),
    gathering: 8_000,
    ...waiting.delays,
  },
}).createMachine({
  id: 'umbrella',
  type: 'parallel',
  context: ({ input }) => storm.blank(input?.id ?? ''),
  states: {
    ticket: {
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
        // The ticket stands. Members that join later are listed on it in batches; each joining keeps the storm alive.
        standing: {
          type: 'parallel',
          states: {
            lists: {
              initial: 'listed',
              states: {
                listed: { always: { guard: 'isUnlisted', target: 'gathering' } },
                gathering: {
                  after: {
                    betweenListings: [
                      {
                        guard: 'isUnlisted',
                        target: 'listing',
                        actions: { type: 'set', params: ({ context }) => storm.toList(context) },
                      },
                      { target: 'listed' },
                    ],
                  },
                },
                listing: {
                  invoke: {
                    id: 'list',
                    src: 'keepTicket',
                    input: ({ context, event }) => storm.listingChore(context, event),
                    onDone: [
                      // Somebody closed the ticket: whoever is not named on it gets another one.
                      {
                        guard: { type: 'isDropped', params: ({ event }) => event.output },
                        target: '#umbrella.ticket.filing',
                        actions: [
                          { type: 'audit', params: ({ context, event }) => storm.noteAudit(context, event.output) },
                          ...filesAnew,
                        ],
                      },
                      {
                        target: 'listed',
                        actions: { type: 'set', params: ({ context }) => storm.written(context) },
                      },
                    ],
                    // Kept as a dead letter, which a person may send again.
                    onError: {
                      target: 'listed',
                      actions: { type: 'set', params: ({ context }) => storm.written(context) },
                    },
                  },
                },
              },
            },
            watch: {
              initial: 'joining',
              states: {
                // Taken here and not by the region: re-entering a region re-enters its siblings, too.
                joining: {
                  on: {
                    TICKET_MEMBER: {
                      target: 'joining',
                      reenter: true,
                      actions: joins,
                    },
                  },
                  after: {
                    calm: [
                      { guard: 'isUnlisted', target: 'joining', reenter: true },
                      {
                        target: '#umbrella.ticket.ending',
                        actions: { type: 'set', params: ({ context }) => storm.toEnd(context) },
                      },
                    ],
                  },
                },
              },
            },
          },
        },
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
    },

    messages: {
      initial: 'quiet',
      on: {
        DM_MEMBER: {
          actions: { type: 'set', params: ({ context, event }) => storm.toBeSaid(context, event.member) },
        },
      },
      states: {
        quiet: {
          always: [
            {
              guard: 'overflows',
              target: 'sending',
              actions: { type: 'set', params: ({ context }) => storm.toSay(context) },
            },
            { guard: 'isUnsaid', target: 'gathering' },
          ],
        },
        gathering: {
          after: {
            gathering: { target: 'sending', actions: { type: 'set', params: ({ context }) => storm.toSay(context) } },
          },
        },
        sending: {
          invoke: {
            id: 'dm',
            src: 'sendDm',
            input: ({ context }) => storm.grouped(context),
            onDone: said,
            onError: said,
          },
        },
      },
    },

    upkeep: upkeep({ audit: storm.choreAudit, done: storm.choreDone }),
  },
});
