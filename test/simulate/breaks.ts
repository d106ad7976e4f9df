import { alertMachine } from '../../machines/alert/machine.ts';
import { helpdeskBreakerMachine } from '../../machines/helpdeskBreaker.ts';
import type { TicketUpdate } from '../../machines/shared/protocol.ts';
import type { EffectHandlers } from '../../src/actors/effectRunner.ts';
import type { Message } from '../../src/actors/messages.ts';
import type { MachineEntry } from '../../src/actors/registry.ts';
import { machines } from '../../src/app/machineRegistry.ts';
import type { Messenger } from '../../src/notify/port.ts';
import type { Admission, Refusal } from '../../src/tickets/filingAttempt.ts';
import type { FilingStore } from '../../src/tickets/filingStore.ts';
import type { HelpDesk } from '../../src/tickets/port.ts';
import type { InvariantName } from './invariantNames.ts';
import type { Tables } from './tables.ts';

/** Parts of the program that are broken on purpose, to check that an invariant detects it. */
export interface Breakage {
  machines?: readonly MachineEntry[];
  freescout?: (freescout: HelpDesk) => HelpDesk;
  messenger?: (messenger: Messenger) => Messenger;
  store?: (store: FilingStore, tables: Tables) => FilingStore;
  handlers?: (handlers: EffectHandlers) => EffectHandlers;
  settings?: { timeoutMs: number; inDoubtSeconds: number };
  /** False for a message that is lost. */
  delivers?: (message: Message) => boolean;
  /** Audit rows are written after the transaction of their transition. */
  lateAudits?: true;
  admission?: (admission: Admission) => Admission;
  /** Suppressed alerts are not decided again when the suppression ends. */
  reviews?: false;
  /** Armed timers are lost. */
  timers?: false;
}

interface Break {
  /** The invariant that must be violated. */
  violates: InvariantName;
  what: string;
  /** A seed that soon leads to the violation; 1 by default. */
  seed?: number;
  breakage: Breakage;
}

/** All machines, with this one in place of its kind. */
const withMachine = (kind: string, machine: MachineEntry['machine']): MachineEntry[] =>
  machines.map((entry) => (entry.kind === kind ? { ...entry, machine } : entry));

export const BREAKS = {
  'no-lookup': {
    violates: 'one ticket',
    what: 'tickets are not looked up after a lost response',
    seed: 2,
    breakage: { freescout: (freescout) => ({ ...freescout, findByMarker: async () => [] }) },
  },
  'short-doubt': {
    violates: 'one ticket',
    what: 'an attempt is in doubt for only 5 seconds',
    seed: 2,
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
    seed: 4,
    breakage: { reviews: false },
  },
  'ignores-holds': {
    violates: 'nothing held',
    what: 'nothing is read about the flag and about maintenance before a ticket is posted',
    breakage: { admission: (admission) => async (filings, terms) => (await admission(filings, terms)).map(ignoring) },
  },
  'no-adoption': {
    violates: 'adoption',
    what: 'a click does not look for open tickets that this console does not know',
    seed: 4,
    breakage: { freescout: (freescout) => ({ ...freescout, findOpenByTags: async () => [] }) },
  },
  'ignores-withdrawal': {
    violates: 'nothing unwanted',
    what: 'an attempt begins although its filing was withdrawn or is past its deadline',
    breakage: {
      store: (store, tables) => ({
        ...store,
        read: async (id) => {
          const filing = await store.read(id);
          return filing && { ...filing, leftMs: null, withdrawn: false, phase: wanted(filing.phase) };
        },
        beginAttempt(filing) {
          const row = tables.filings.get(filing.id);
          if (row?.ticketId === null) {
            Object.assign(row, { withdrawn: false, deadlineAt: null, phase: wanted(row.phase) });
          }
          return store.beginAttempt(filing);
        },
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
    what: 'audit rows are written outside the transaction of their transition',
    breakage: { lateAudits: true },
  },
  'no-budget': {
    violates: 'one answer',
    what: 'clicks have no deadline of 15 s: calls wait for a minute',
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
    seed: 3,
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

const HOLDS = new Set<string>(['flag_off', 'maintenance', 'dependency']);
const ignoring = (verdict: Refusal | null): Refusal | null =>
  verdict && 'refused' in verdict && HOLDS.has(verdict.refused) ? null : verdict;

function broken(): never {
  throw new Error('broken on purpose');
}

const wanted = <Phase extends string>(phase: Phase): Phase | 'planned' => (phase === 'withdrawn' ? 'planned' : phase);

/** The seed whose schedules soon violate the invariant. */
export const seedOf = (name: BreakName): number => (BREAKS[name] as Break).seed ?? 1;

export type BreakName = keyof typeof BREAKS;
export const breakNames = Object.keys(BREAKS) as BreakName[];
