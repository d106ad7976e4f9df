import type { EffectHandlers } from '../../src/actors/effectRunner.ts';
import type { Message } from '../../src/actors/messages.ts';
import type { MachineEntry } from '../../src/actors/registry.ts';
import type { IdChurnStore } from '../../src/alerts/idChurnStore.ts';
import type { FilingWrites } from '../../src/app/filingWrites.ts';
import { machines } from '../../src/app/machineRegistry.ts';
import type { Messenger } from '../../src/notify/port.ts';
import type { Admission } from '../../src/tickets/admission.ts';
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
  /** Audit rows are written by one process, some time after the transaction of their transition. */
  lateAudits?: true;
  /** What one transaction writes for its filings. */
  filingWrites?: (writes: FilingWrites) => FilingWrites;
  admission?: (admission: Admission) => Admission;
  churn?: (store: IdChurnStore) => IdChurnStore;
  isSuspect?: (alertKey: string) => boolean;
  /** Suppressed alerts are not decided again when the suppression ends. */
  reviews?: false;
  /** Suppressions of tickets are not recorded. */
  records?: false;
  /** The reconciler does not run. */
  reconciles?: false;
  /** Armed timers are lost. */
  timers?: false;
}

export interface Break {
  /** The invariant that must be violated. */
  violates: InvariantName;
  what: string;
  /** A seed that soon leads to the violation; 1 by default. */
  seed?: number;
  breakage: Breakage;
}

/** All machines, with this one in place of its kind. */
export const withMachine = (kind: string, machine: MachineEntry['machine']): MachineEntry[] =>
  machines.map((entry) => (entry.kind === kind ? { ...entry, machine } : entry));
