import { alertMachine } from '../../machines/alert/machine.ts';
import { helpdeskBreakerMachine } from '../../machines/helpdeskBreaker.ts';
import type { TicketUpdate } from '../../machines/shared/protocol.ts';
import type { Refusal } from '../../src/tickets/admission.ts';
import { type Break, withMachine } from './breakage.ts';
import { EPISODE_BREAKS } from './breaksOfEpisodes.ts';
import type { Tables } from './tables.ts';

export const BREAKS = {
  'no-lookup': {
    violates: 'one ticket',
    what: 'tickets are not looked up after a lost response',
    breakage: { freescout: (freescout) => ({ ...freescout, findByMarker: async () => [] }) },
  },
  'short-doubt': {
    violates: 'one ticket',
    what: 'an attempt is in doubt for only 5 seconds',
    breakage: { settings: { timeoutMs: 10_000, inDoubtSeconds: 5 } },
  },
  'forgotten-ticket': {
    violates: 'one ticket',
    what: 'the alert machine forgets that the episode has a ticket',
    breakage: {
      machines: withMachine('alert', alertMachine.provide({ guards: { hasTicket: () => false } })),
    },
  },
  'lost-turn': {
    violates: 'ticket in time',
    what: 'the message that lets a waiting filing try again is lost',
    breakage: { delivers: ({ event }) => event.type !== 'TRY' },
  },
  'no-review': {
    violates: 'ticket in time',
    what: 'suppressed alerts wait for their sender when the suppression ends',
    seed: 9,
    breakage: { reviews: false },
  },
  'unrecorded-holds': {
    violates: 'ticket in time',
    what: 'the suppression of a ticket is not recorded, so no review finds it',
    seed: 9,
    breakage: { records: false },
  },
  'no-reconciler': {
    violates: 'one audit row',
    what: 'a ticket that appears after its filing was closed is never looked for',
    seed: 3,
    breakage: { reconciles: false },
  },
  'ignores-holds': {
    violates: 'nothing held',
    what: 'nothing is read about the flag and about maintenance before a ticket is posted',
    seed: 2,
    breakage: { admission: (admission) => async (filings, terms) => (await admission(filings, terms)).map(ignoring) },
  },
  'no-adoption': {
    violates: 'adoption',
    what: 'a click does not look for open tickets that this console does not know',
    seed: 10,
    breakage: { freescout: (freescout) => ({ ...freescout, findOpenByTags: async () => [] }) },
  },
  ...EPISODE_BREAKS,
  'ignores-withdrawal': {
    violates: 'nothing unwanted',
    what: 'an attempt begins although its filing was withdrawn or is past its deadline',
    breakage: {
      store: (store, tables) => ({
        ...store,
        read(id) {
          makeWanted(tables, id);
          return store.read(id);
        },
        beginAttempt(filing) {
          makeWanted(tables, filing.id);
          return store.beginAttempt(filing);
        },
      }),
    },
  },
  'lost-withdrawal': {
    violates: 'nothing unwanted',
    what: 'a filing that is intended and withdrawn in one transaction is stored as planned',
    breakage: {
      filingWrites: ({ intents, ...others }) => ({
        ...others,
        intents: intents.map((intent) => ({ ...intent, isWithdrawn: false })),
      }),
    },
  },
  'unclosed-batch': {
    violates: 'no exception',
    what: 'filings that a batch refuses stay open',
    breakage: {
      store: (store) => ({ ...store, closeMany: async (filings) => new Set(filings.map(({ id }) => id)) }),
    },
  },
  'late-audit': {
    violates: 'one audit row',
    what: 'audit rows are written some time after the transaction of their transition',
    breakage: { lateAudits: true },
  },
  'no-budget': {
    violates: 'one answer',
    what: 'clicks have no deadline of 15 s: calls wait for a minute',
    seed: 4,
    breakage: {
      delivers: ({ event }) => event.type !== 'BUDGET_OVER',
      freescout: (freescout) => ({
        ...freescout,
        findOpenByTags: (tags, since, call) => freescout.findOpenByTags(tags, since, { ...call, timeoutMs: 60_000 }),
      }),
    },
  },
  'no-late-tags': {
    violates: 'complete tags',
    what: 'late tags are reported as set without being set',
    seed: 2,
    breakage: {
      handlers: (handlers) => ({
        ...handlers,
        keepTicket: {
          run: async (chore: TicketUpdate, run) =>
            chore.kind === 'tag' ? { outcome: 'done' } : handlers.keepTicket?.run(chore as never, run),
          patience: (error, run, input) => handlers.keepTicket?.patience(error, run, input) ?? null,
        },
      }),
    },
  },
  'no-note-lookup': {
    violates: 'one note',
    what: 'notes are not looked up after a lost response',
    seed: 8,
    breakage: { freescout: (freescout) => ({ ...freescout, hasNote: async () => false }) },
  },
  'no-message-lookup': {
    violates: 'one opening',
    what: 'messages are not looked up after a lost response',
    breakage: { messenger: (messenger) => ({ ...messenger, findByMarker: async () => null }) },
  },
  'lost-timers': {
    violates: 'no trap',
    what: 'armed timers are lost',
    breakage: { timers: false },
  },
  'hasty-breaker': {
    violates: 'one probe',
    what: 'the circuit breaker allows a probe every second',
    seed: 3,
    breakage: {
      machines: withMachine('helpdesk', helpdeskBreakerMachine.provide({ delays: { betweenTries: 1_000 } })),
    },
  },
  'throwing-machine': {
    violates: 'no exception',
    what: 'the alert machine throws where an attempt is in doubt',
    breakage: {
      machines: withMachine('alert', alertMachine.provide({ guards: { isInDoubt: () => broken() } })),
    },
  },
} satisfies Record<string, Break>;

const HOLDS = new Set<string>(['flag_off', 'maintenance', 'dependency', 'silenced']);
const ignoring = (verdict: Refusal | null): Refusal | null =>
  verdict && 'refused' in verdict && HOLDS.has(verdict.refused) ? null : verdict;

function broken(): never {
  throw new Error('broken on purpose');
}

function makeWanted({ filings }: Tables, id: string): void {
  const row = filings.get(id);
  if (row?.ticketId !== null) return;
  Object.assign(row, { withdrawn: false, deadlineAt: null, phase: row.phase === 'withdrawn' ? 'planned' : row.phase });
}

/** The seed whose schedules soon violate the invariant. */
export const seedOf = (name: BreakName): number => (BREAKS[name] as Break).seed ?? 1;

export type BreakName = keyof typeof BREAKS;
export const breakNames = Object.keys(BREAKS) as BreakName[];
