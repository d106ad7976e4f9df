import type { TicketUpdate } from '../../machines/shared/protocol.ts';
import type { EffectHandlers } from '../../src/actors/effectRunner.ts';
import type { Message } from '../../src/actors/messages.ts';
import type { MachineEntry } from '../../src/actors/registry.ts';
import { machines } from '../../src/app/machineRegistry.ts';
import type { Messenger } from '../../src/notify/port.ts';
import type { FilingStore } from '../../src/tickets/filingStore.ts';
import type { HelpDesk } from '../../src/tickets/port.ts';
import type { InvariantName } from './check.ts';
import type { Tables } from './tables.ts';

/** Parts of the program that were spoilt on purpose, to see that it is seen. */
export interface Breakage {
  machines?: readonly MachineEntry[];
  freescout?: (freescout: HelpDesk) => HelpDesk;
  messenger?: (messenger: Messenger) => Messenger;
  store?: (store: FilingStore, tables: Tables) => FilingStore;
  handlers?: (handlers: EffectHandlers) => EffectHandlers;
  settings?: { timeoutMs: number; inDoubtSeconds: number };
  /** False where a message gets lost on its way. */
  carries?: (message: Message) => boolean;
  /** Audit rows are written after the transaction of their transition, and not in it. */
  auditsApart?: true;
  /** Whether a timer that is armed is kept. */
  keepsTimers?: false;
}

interface Break {
  /** The invariant that must not survive it. */
  violates: InvariantName;
  what: string;
  breakage: Breakage;
}

/** The machine of one kind, changed. */
const changed = (kind: string, change: (machine: MachineEntry['machine']) => MachineEntry['machine']): MachineEntry[] =>
  machines.map((entry) => (entry.kind === kind ? { ...entry, machine: change(entry.machine) } : entry));

export const BREAKS = {
  'no-lookup': {
    violates: 'one ticket',
    what: 'nobody looks for a ticket whose answer got lost',
    breakage: { freescout: (freescout) => ({ ...freescout, findByMarker: async () => [] }) },
  },
  'no-doubt': {
    violates: 'one ticket',
    what: 'a lost answer is believed after 5 seconds',
    breakage: { settings: { timeoutMs: 10_000, inDoubtSeconds: 5 } },
  },
  'forgets-its-ticket': {
    violates: 'one ticket',
    what: 'the alert machine forgets that the episode has a ticket',
    breakage: {
      machines: changed('alert', (machine) => machine.provide({ guards: { hasTicket: () => false } }) as never),
    },
  },
  'no-turn': {
    violates: 'ticket in time',
    what: 'the word that it is a filing’s turn to try again gets lost',
    breakage: { carries: ({ event }) => event.type !== 'TRY' },
  },
  'ignores-withdrawal': {
    violates: 'nothing unwanted',
    what: 'an attempt begins although its filing was withdrawn, or is past its deadline',
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
  'audit-apart': {
    violates: 'one audit row',
    what: 'audit rows are written apart from their transition',
    breakage: { auditsApart: true },
  },
  'no-budget': {
    violates: 'one answer',
    what: 'nobody keeps to an operator’s 15 s: calls wait for a minute, and no budget is ever over',
    breakage: {
      carries: ({ event }) => event.type !== 'BUDGET_OVER',
      freescout: (freescout) => ({
        ...freescout,
        findOpenByTags: (tags, since, call) => freescout.findOpenByTags(tags, since, { ...call, timeoutMs: 60_000 }),
      }),
    },
  },
  'no-tag-duty': {
    violates: 'complete tags',
    what: 'late tags are held to be done without being set',
    breakage: {
      handlers: (handlers) => ({
        ...handlers,
        keepTicket: {
          run: async (chore: TicketUpdate, run) =>
            chore.kind === 'tag' ? { outcome: 'done' } : handlers.keepTicket?.run(chore as never, run),
          patience: (error, run) => handlers.keepTicket?.patience(error, run) ?? null,
        },
      }),
    },
  },
  'no-message-lookup': {
    violates: 'one opening',
    what: 'nobody looks for a message whose answer got lost',
    breakage: { messenger: (messenger) => ({ ...messenger, findByMarker: async () => null }) },
  },
  'lost-timers': {
    violates: 'no trap',
    what: 'timers are armed and not kept',
    breakage: { keepsTimers: false },
  },
  'hasty-helpdesk': {
    violates: 'one tries',
    what: 'the help desk’s actor sends one to try every second',
    breakage: {
      machines: changed('helpdesk', (machine) => machine.provide({ delays: { betweenTries: 1_000 } }) as never),
    },
  },
  'throwing-machine': {
    violates: 'no fault',
    what: 'the alert machine throws where an attempt is in doubt',
    breakage: {
      machines: changed('alert', (machine) => machine.provide({ guards: { isDoubt: () => broken() } }) as never),
    },
  },
} satisfies Record<string, Break>;

function broken(): never {
  throw new Error('broken on purpose');
}

const wanted = <Phase extends string>(phase: Phase): Phase | 'planned' => (phase === 'withdrawn' ? 'planned' : phase);

export type BreakName = keyof typeof BREAKS;
export const breakNames = Object.keys(BREAKS) as BreakName[];
