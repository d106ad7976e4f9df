import type { Severity } from '../../machines/shared/protocol.ts';
import type { WaitingForNewer } from '../../src/actors/newerRelease.ts';
import type { TicketEdit } from './plan.ts';

/** What the run did and observed, to be compared with the final state. All instants are in milliseconds since 1970. */
export interface Ledger {
  /** Emissions that were answered with 202. */
  acks: Ack[];
  /** The last state of each alert at its sender, by alert key. */
  expected: Map<string, ExpectedAlert>;
  /** The requests of webhook senders, in the order in which they were sent. */
  webhooks: WebhookRecord[];
  clicks: ClickRecord[];
  /** The tickets created in FreeScout, whether or not the response arrived. */
  creates: Create[];
  /** What people did to tickets in FreeScout. */
  ticketEdits: TicketEditRecord[];
  /** Look-ups whose whole response arrived, by marker. */
  lookUps: Map<string, LookUp[]>;
  /** How often a note or message was created and its response lost, by marker. */
  lost: { notes: Map<string, number>; messages: Map<string, number> };
  /** When the flag for tickets was certainly off. */
  flagOff: { from: number; until: number }[];
  pauses: { from: number; until: number }[];
  /** When a process could not record a response: the database was away, or the process was killed just afterwards. */
  unrecordable: { from: number; until: number }[];
  /** Jobs that a vanished host was working on, and how long after that other processes had taken them over. */
  takeovers: Takeover[];
  /** When a primary ended. */
  failovers: number[];
  /** When the clock of the database was set forward by an hour, until every session had seen that. */
  clockHours: { from: number; until: number }[];
  /** The later releases that came to all processes in the end. */
  deploys: Deploy[];
  /** How often a process reported that an actor of a newer release waits. */
  newerReports: number;
  /** Answers to requests with malformed alerts that do not name exactly those. */
  wrongRejections: string[];
  /** The ends of the maintenance windows that messages set which the queue delivered twice. `unknown`: perhaps it got none. */
  repeated: Map<string, 'sent' | 'unknown'>;
  counts: Map<string, number>;
}

export interface Takeover {
  process: string;
  jobs: number;
  /** Null: not within the time that the run waited. */
  ms: number | null;
}

export interface Deploy {
  release: number;
  /** What the older release said that waits for the newer one, when it ran alone after the rollback. Null: nothing. */
  waiting: WaitingForNewer | null;
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
  /** When its present episode began at its sender, and when the last one ended; never the same instant twice. */
  startsAt: number;
  endsAt: number | null;
  /** Its sender gives up at some point, so that only its requests tell what the program has to know. */
  mayGetLost: boolean;
}

/** A request of a webhook sender. */
export interface WebhookRecord {
  source: string;
  /** What it says about alerts that can be used. */
  says: { key: string; status: 'firing' | 'resolved'; severity: Severity }[];
  /** Alerts that nobody can use, among others that can. */
  malformedAlerts: number;
  /** Nobody can understand it: it must become a dead letter. */
  isMalformed: boolean;
  sentAt: number;
  /** When the program had answered, or the request was over without an answer of the program. */
  endedAt: number;
  /** `stored`: the program answered 2xx, whether or not the sender got that. `unknown`: it may have been stored. */
  outcome: 'stored' | 'not_stored' | 'unknown';
}

export interface ClickRecord {
  surfaceId: string;
  sentAt: number;
  endedAt: number;
  /** Null without a response. */
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
  /** When FreeScout searched. */
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
  webhooks: [],
  clicks: [],
  creates: [],
  ticketEdits: [],
  lookUps: new Map(),
  lost: { notes: new Map(), messages: new Map() },
  flagOff: [],
  pauses: [],
  unrecordable: [],
  takeovers: [],
  failovers: [],
  clockHours: [],
  deploys: [],
  newerReports: 0,
  wrongRejections: [],
  repeated: new Map(),
  counts: new Map(),
});

export function count<Key>(counts: Map<Key, number>, name: Key, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

/** `<source>:<first 16 characters of alert_id>`, as documented for `POST /api/alerts`. */
export const keyOf = (source: string, alertId: string): string => `${source}:${alertId.slice(0, 16)}`;

/** The ledger as JSON, for the analysis of a failed run. */
export const ledgerText = (ledger: Ledger): string =>
  JSON.stringify(ledger, (_, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value), 1);
