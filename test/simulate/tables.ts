import type { AnyMachineSnapshot } from 'xstate';
import type { AuditEntry, DmRequest } from '../../machines/shared/protocol.ts';
import type { Message } from '../../src/actors/messages.ts';
import type { ChurnGroup } from '../../src/alerts/idChurnStore.ts';
import type { Filing } from '../../src/tickets/filingStore.ts';
import type { NoteRow } from '../../src/tickets/noteStore.ts';

/** The database tables that machines, filings and messages need. Instants are milliseconds since 1970. */
export interface Tables {
  actors: Map<string, ActorRow>;
  effects: Map<string, EffectRow>;
  /** By actor id and timer id. */
  timers: Map<string, TimerRow>;
  /** Timers that fired and were not armed again because a guard kept their actor in its state. */
  spent: Set<string>;
  filings: Map<string, FilingRow>;
  /** Waiting messages for the actors with an inbox, oldest first. */
  inboxes: Map<string, Message[]>;
  messages: Map<string, MessageRow>;
  notes: Map<string, { phase: NoteRow['phase']; attempts: number; attemptedAt: number | null }>;
  /** Whether a suppression is recorded as standing, by alert key and episode. */
  held: Map<string, boolean>;
  audits: AuditEntry[];
  answers: Map<string, Record<string, unknown>>;
  /** Every id of sources that may change them, by alert key, and the groups of changing ids, by fingerprint. */
  identities: Map<string, IdentityRow>;
  churnGroups: Map<string, ChurnGroup>;
  /** When each alert key was last emitted. */
  sightings: Map<string, number>;
  /** Every value that the flag has had, newest last. */
  flag: { at: number; on: boolean }[];
}

export interface ActorRow {
  id: string;
  rev: number;
  snapshot: AnyMachineSnapshot;
  /** Ids of the events that were applied. */
  taken: Set<string>;
}

export interface EffectRow {
  id: string;
  actorId: string;
  childId: string;
  src: string;
  input: unknown;
  status: 'pending' | 'running' | 'done' | 'dead' | 'cancelled';
  /** The result that its actor was told. */
  output?: unknown;
  attempts: number;
  createdAt: number;
}

export interface TimerRow {
  actorId: string;
  timerId: string;
  event: Message['event'];
  rev: number;
}

export interface FilingRow extends Omit<Filing, 'sinceAttemptMs' | 'leftMs'> {
  actorId: string;
  subjectKey: string;
  attemptedAt: number | null;
  deadlineAt: number | null;
  admittedAt: number | null;
  filedAt: number | null;
}

export interface IdentityRow {
  alertKey: string;
  alertId: string;
  fingerprint: string;
  text: string;
  firstSeenAt: number;
  repeated: boolean;
}

export interface MessageRow {
  request: DmRequest;
  phase: 'planned' | 'attempting' | 'sent';
  attempts: number;
  createdAt: number;
  /** The running attempt and its start. */
  runningAttempt: { attempt: string; at: number } | null;
  admittedAt: number | null;
  sent: { channel: string; ts: string } | null;
  /** The message of which this is the copy for one recipient. */
  copyOf: string | null;
  handedOver: boolean;
}

export const newMessage = (request: DmRequest, createdAt: number, copyOf: string | null = null): MessageRow => ({
  request,
  phase: 'planned',
  ...{ attempts: 0, createdAt, runningAttempt: null, admittedAt: null, sent: null, copyOf, handedOver: false },
});

export const createTables = (): Tables => ({
  actors: new Map(),
  effects: new Map(),
  timers: new Map(),
  spent: new Set(),
  filings: new Map(),
  inboxes: new Map(),
  messages: new Map(),
  notes: new Map(),
  held: new Map(),
  audits: [],
  answers: new Map(),
  identities: new Map(),
  churnGroups: new Map(),
  sightings: new Map(),
  flag: [{ at: 0, on: true }],
});

/** Takes one of the slots of a source in the window; false when none is left. */
export function takeSlot(
  rows: Map<string, { admittedAt: number | null }>,
  id: string,
  {
    now,
    max,
    windowMs,
    isOfSource,
  }: { now: number; max: number; windowMs: number; isOfSource: (id: string) => boolean },
): boolean {
  const row = rows.get(id);
  if (!row) return false;
  if (row.admittedAt !== null) return true;
  let taken = 0;
  for (const [other, { admittedAt }] of rows) {
    if (admittedAt !== null && admittedAt > now - windowMs && isOfSource(other)) taken += 1;
  }
  if (taken >= max) return false;
  row.admittedAt = now;
  return true;
}
