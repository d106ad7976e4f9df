import type { Severity } from '../../machines/shared/protocol.ts';
import type { TicketEdit } from './plan.ts';

/** What the run itself saw: who was promised what, and when. All instants in milliseconds of this machine's clock. */
export interface Ledger {
  /** Emissions that were answered with 202. */
  acks: Ack[];
  /** What each sender holds to be true at the end, by alert key. */
  expected: Map<string, ExpectedAlert>;
  clicks: ClickRecord[];
  /** What was made in the help desk, whether or not anybody was told. */
  creates: Create[];
  /** What people did to tickets. */
  ticketEdits: TicketEditRecord[];
  /** By marker: who looked for it and got the whole answer. */
  lookUps: Map<string, LookUp[]>;
  /** By marker: how often something took effect and its answer got lost. */
  lost: { notes: Map<string, number>; messages: Map<string, number> };
  /** While the flag for tickets was certainly off. */
  flagOff: { from: number; until: number }[];
  pauses: { from: number; until: number }[];
  /** While nothing could be written down: the database was away, or a process had only just got its answer when it was killed. */
  unrecordable: { from: number; until: number }[];
  counts: Map<string, number>;
}

export interface Ack {
  key: string;
  status: 'firing' | 'resolved';
  severity: Severity;
  sentAt: number;
  ackedAt: number;
}

export interface ExpectedAlert {
  source: string;
  alertId: string;
  severity: Severity;
  title: string;
  firing: boolean;
}

export interface ClickRecord {
  surfaceId: string;
  sentAt: number;
  endedAt: number;
  /** Null where no answer came. */
  status: number | null;
  body: Record<string, unknown> | null;
}

export interface Create {
  ticketId: number;
  marker: string;
  subject: string;
  receivedAt: number;
  effectAt: number;
}

export interface LookUp {
  /** When the help desk looked. */
  at: number;
  answeredAt: number;
}

export interface TicketEditRecord {
  ticketId: number;
  what: TicketEdit['what'];
  at: number;
  tag: string | null;
}

export const createLedger = (): Ledger => ({
  acks: [],
  expected: new Map(),
  clicks: [],
  creates: [],
  ticketEdits: [],
  lookUps: new Map(),
  lost: { notes: new Map(), messages: new Map() },
  flagOff: [],
  pauses: [],
  unrecordable: [],
  counts: new Map(),
});

export function count<Key>(counts: Map<Key, number>, name: Key, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

/** `<source>:<first 16 characters of alert_id>`, as the contract of the intake says. */
export const keyOf = (source: string, alertId: string): string => `${source}:${alertId.slice(0, 16)}`;

/** For people who look into a failed run. */
export const ledgerText = (ledger: Ledger): string =>
  JSON.stringify(ledger, (_, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value), 1);
