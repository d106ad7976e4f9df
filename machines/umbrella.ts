import { assign, fromPromise, setup } from 'xstate';
import type {
  AuditEntry,
  Chore,
  ChoreResult,
  DmRequest,
  DmResult,
  FiledTicket,
  FilingIntent,
  FilingResult,
  Tell,
  UmbrellaMember,
} from './asks.ts';
import { instantOf } from './asks.ts';
import { unprovided } from './unprovided.ts';

/**
 * A source that sends too much: its further alerts are named on one umbrella ticket, and in messages
 * that name many at once. A storm ends when nothing joined for a while; the next one gets its own ticket.
 */

export interface UmbrellaContext {
  source: string;
  storm: number;
  since: string;
  members: UmbrellaMember[];
  /** How many members the ticket already names, and how many it will once the present note stands. */
  listed: number;
  listing: number;
  filingId: string | null;
  probe: boolean;
  ticket: FiledTicket | null;
  /** Members that no message has named yet. */
  unsaid: UmbrellaMember[];
  /** How many of them the message now being sent names. */
  saying: number;
  said: number;
}

export type UmbrellaEvent =
  | { type: 'TICKET_MEMBER'; member: UmbrellaMember; auto: boolean }
  | { type: 'DM_MEMBER'; member: UmbrellaMember; auto: boolean }
  | { type: 'TRY'; probe: boolean };

const NAMED_AT_ONCE = 200;

const intents = ({ source, storm, since, members, filingId }: UmbrellaContext): FilingIntent[] =>
  filingId === null
    ? []
    : [
        {
          filingId,
          subjectKey: `umbrella:${source}:${storm}`,
          source: null,
          deadlineAt: null,
          request: { path: 'umbrella', source, since, count: members.length, members: members.slice(0, NAMED_AT_ONCE) },
        },
      ];

const filedAudit = ({ source, members, storm }: UmbrellaContext, result: FilingResult): AuditEntry[] =>
  result.outcome === 'filed'
    ? [
        {
          action: 'console.alerts.umbrella_filed',
          payload: { source, storm, members: members.length, ticket_id: result.ticket.id, ticket_url: result.ticket.url },
          actor: source,
        },
      ]
    : [];

const desk = (source: string, result: FilingResult): Tell[] => {
  if (result.outcome === 'filed') return result.whileFailing ? [{ to: 'helpdesk', event: { type: 'SUCCEEDED' } }] : [];
  const problem = result.outcome === 'failed' ? result.problem : 'unavailable';
  return [{ to: 'helpdesk', event: { type: 'FAILED', who: `umbrella:${source}`, problem } }];
};

const listingChore = ({ source, storm, members, listed, listing, ticket }: UmbrellaContext, at: string): Chore => ({
  kind: 'note',
  id: `note:umbrella:${source}:${storm}:${listed}`,
  ticketId: ticket?.id ?? 0,
  about: { what: 'members', source, count: members.length, members: members.slice(listed, listing), at },
});

const grouped = ({ source, storm, unsaid, saying, ticket, said, members }: UmbrellaContext): DmRequest => ({
  id: `dm:umbrella:${source}:${said}`,
  thread: `umbrella:${source}:${storm}`,
  kind: 'grouped',
  source,
  body: { source, members: unsaid.slice(0, saying), count: saying, total: members.length, ticket },
});

export const umbrellaMachine = setup({
  types: { input: {} as { id: string }, context: {} as UmbrellaContext, events: {} as UmbrellaEvent },
  actors: {
    fileTicket: fromPromise<FilingResult, { filingId: string; probe: boolean }>(() => unprovided('fileTicket')),
    keepTicket: fromPromise<ChoreResult, Chore>(() => unprovided('keepTicket')),
    sendDm: fromPromise<DmResult, DmRequest>(() => unprovided('sendDm')),
  },
  actions: {
    audit: (_, _entries: AuditEntry[]) => unprovided('audit'),
    intend: (_, _filings: FilingIntent[]) => unprovided('intend'),
    tell: (_, _messages: Tell[]) => unprovided('tell'),
    set: assign((_, change: Partial<UmbrellaContext>) => change),
  },
  guards: {
    isFiled: (_, result: FilingResult) => result.outcome === 'filed',
    isRefused: (_, result: FilingResult) => result.outcome === 'refused' || (result.outcome === 'failed' && result.own),
    isUnlisted: ({ context }) => context.listed < context.members.length,
    isUnsaid: ({ context }) => context.unsaid.length > 0,
  },
  delays: { calm: 10 * 60_000, betweenListings: 30_000, gathering: 8_000 },
}).createMachine({
  id: 'umbrella',
  type: 'parallel',
  context: ({ input }) => ({
    source: (input?.id ?? '').replace(/^umbrella:/, ''),
    storm: 0,
    since: '',
    members: [],
    listed: 0,
    listing: 0,
    filingId: null,
    probe: false,
    ticket: null,
    unsaid: [],
    saying: 0,
    said: 0,
  }),
  states: {
    ticket: {
      initial: 'calm',
      on: {
        TICKET_MEMBER: {
          actions: { type: 'set', params: ({ context, event }) => ({ members: [...context.members, event.member] }) },
        },
      },
      states: {
        calm: {
          on: {
            TICKET_MEMBER: {
              target: 'filing',
              actions: [
                {
                  type: 'set',
                  params: ({ context, event }) => ({
                    storm: context.storm + 1,
                    since: instantOf(event),
                    members: [event.member],
                    listed: 1,
                    ticket: null,
                    probe: false,
                    filingId: `umbrella:${context.source}:${context.storm + 1}`,
                  }),
                },
                { type: 'intend', params: ({ context }) => intents(context) },
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
              {
                guard: { type: 'isFiled', params: ({ event }) => event.output },
                target: 'standing',
                actions: [
                  { type: 'audit', params: ({ context, event }) => filedAudit(context, event.output) },
                  { type: 'tell', params: ({ context, event }) => desk(context.source, event.output) },
                  { type: 'set', params: ({ event }) => (event.output.outcome === 'filed' ? { ticket: event.output.ticket } : {}) },
                ],
              },
              { guard: { type: 'isRefused', params: ({ event }) => event.output }, target: 'calm' },
              { target: 'waiting', actions: { type: 'tell', params: ({ context, event }) => desk(context.source, event.output) } },
            ],
            onError: 'calm',
          },
        },
        waiting: {
          on: { TRY: { target: 'filing', actions: { type: 'set', params: ({ event }) => ({ probe: event.probe }) } } },
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
                    betweenListings: {
                      target: 'listing',
                      actions: {
                        type: 'set',
                        params: ({ context }) => ({ listing: Math.min(context.members.length, context.listed + NAMED_AT_ONCE) }),
                      },
                    },
                  },
                },
                listing: {
                  invoke: {
                    id: 'list',
                    src: 'keepTicket',
                    input: ({ context, event }) => listingChore(context, instantOf(event)),
                    onDone: { target: 'listed', actions: { type: 'set', params: ({ context }) => ({ listed: context.listing }) } },
                    onError: { target: 'listed', actions: { type: 'set', params: ({ context }) => ({ listed: context.listing }) } },
                  },
                },
              },
            },
            watch: {
              initial: 'joining',
              on: {
                TICKET_MEMBER: {
                  target: '.joining',
                  reenter: true,
                  actions: { type: 'set', params: ({ context, event }) => ({ members: [...context.members, event.member] }) },
                },
              },
              states: {
                joining: {
                  after: {
                    calm: [
                      { guard: 'isUnlisted', target: 'joining', reenter: true },
                      { target: '#umbrella.ticket.calm' },
                    ],
                  },
                },
              },
            },
          },
        },
      },
    },

    messages: {
      initial: 'quiet',
      on: { DM_MEMBER: { actions: { type: 'set', params: ({ context, event }) => ({ unsaid: [...context.unsaid, event.member] }) } } },
      states: {
        quiet: { always: { guard: 'isUnsaid', target: 'gathering' } },
        gathering: {
          after: { gathering: { target: 'sending', actions: { type: 'set', params: ({ context }) => ({ said: context.said + 1, saying: Math.min(context.unsaid.length, NAMED_AT_ONCE) }) } } },
        },
        sending: {
          invoke: {
            id: 'dm',
            src: 'sendDm',
            input: ({ context }) => grouped(context),
            onDone: { target: 'quiet', actions: { type: 'set', params: ({ context }) => ({ unsaid: context.unsaid.slice(context.saying) }) } },
            onError: { target: 'quiet', actions: { type: 'set', params: ({ context }) => ({ unsaid: context.unsaid.slice(context.saying) }) } },
          },
        },
      },
    },
  },
});
