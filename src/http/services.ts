/**
 * Everything the routes may ask of the program, in one page. The composition root fills it in;
 * routes and views know nothing else, so they can be read and tested without the house.
 */

import type { Role } from '../config.ts';

export type SurfaceStatus = 'OPERATIONAL' | 'DEGRADED' | 'DOWN' | 'MAINTENANCE' | 'UNKNOWN';
export type Severity = 'P1' | 'P2' | 'P3';

export interface TicketLink {
  id: number;
  url: string;
  filed_at: string;
}

/** A ticket of ours as the help desk described it when it was last asked. */
export interface TicketState extends TicketLink {
  /** active, pending, closed, spam or gone; null before the first look. */
  status: string | null;
  /** Who has it; null where nobody does. */
  assignee: string | null;
  /** When somebody last replied or left a note, our own notes aside; null where nobody has. */
  last_reply_at: string | null;
  /** When the help desk was last asked; null before the first look. */
  looked_at: string | null;
  /** How many other alerts are on it, where it is the umbrella ticket of a storm; null for a ticket of its own. */
  shared_with: number | null;
}

export interface Tile {
  id: string;
  name: string;
  group: string | null;
  status: SurfaceStatus;
  /** When the present status began; null while it was never checked. */
  since: string | null;
  /** What an UNKNOWN surface was when it was last known; null for every other, and where it never was. */
  was: SurfaceStatus | null;
  /** The newest open one, whoever filed it; that of an umbrella as long as an alert of this surface that it names goes on. */
  ticket: TicketState | null;
  /** Operational again, but a ticket filed by Investigate is still open. */
  recovered_ticket_open: boolean;
  /** That ticket, the newest where there are several. */
  recovered_ticket: TicketState | null;
  last_check: { at: string; latency_ms: number | null; error: string | null } | null;
  /** Latencies of the last checks, 30 at most, in milliseconds, oldest first; null where no answer came. */
  recent: (number | null)[];
  days: Days;
}

export interface Days {
  /**
   * One letter for each of the last 90 days (UTC), oldest first, today last: `d` down, `s` degraded (slow), `o` operational,
   * `m` maintenance, `-` nothing known. The worst of the day counts.
   */
  letters: string;
  /** Share of the checks, in percent, at which it did not stand as down; null where nothing is known. */
  uptime: number | null;
  /** How many of the days anything is known of. */
  known: number;
}

export interface Board {
  surfaces: Tile[];
  counts: Record<SurfaceStatus, number>;
  recovered_with_open_ticket: number;
  generated_at: string;
}

export interface FiledTicket extends TicketState {
  path: 'investigate' | 'alert' | 'umbrella';
  subject: string;
  /** When an alert of this surface joined it; null where it was filed for this surface alone. */
  joined_at: string | null;
}

/** From the confirmation of an outage to that of its end. */
export interface Outage {
  /** Null where it began before the history that is kept. */
  began_at: string | null;
  /** Null while it lasts. */
  ended_at: string | null;
  worst: 'DEGRADED' | 'DOWN';
}

export interface SurfaceStory extends Tile {
  url: string;
  maintenance: { until: string; reason: string; by: string } | null;
  tickets: FiledTicket[];
  alerts: AlertRow[];
  /** The newest first. */
  outages: Outage[];
  /** How it stood at its checks of each day (UTC), the newest first. */
  day_counts: { day: string; operational: number; degraded: number; down: number; maintenance: number }[];
  checks: {
    at: string;
    outcome: string;
    latency_ms: number | null;
    http_status: number | null;
    error: string | null;
  }[];
  history: HistoryEntry[];
}

export interface AlertRow {
  alert_key: string;
  source: string;
  state: 'firing' | 'flapping' | 'resolved';
  severity: Severity;
  title: string;
  surface_id: string | null;
  url: string | null;
  since: string;
  last_seen_at: string | null;
  /** Set once the sender has said nothing for longer than it should. */
  silent_since: string | null;
  collision: boolean;
  episode: number;
  /** Its own, or that of the umbrella which it joined. */
  ticket: TicketState | null;
  /** Why there is no ticket: below_threshold, flag_off, offline, maintenance, dependency, storm, freescout_unavailable, silent, filing, resolved_before_filing. */
  no_ticket_reason: string | null;
}

export interface Page<T> {
  rows: T[];
  next_cursor: string | null;
}

export interface AuditRow {
  id: string;
  created_at: string;
  action: string;
  payload: unknown;
  actor: string;
}

export interface FlagState {
  name: string;
  enabled: boolean;
  forced_off: boolean;
  changed_at: string | null;
  changed_by: string | null;
}

/** Alerts that deserved a ticket and got none for the time being. */
export interface HeldAlerts {
  /** How many are held now, and how many were over before they could file. */
  active: number;
  ended: number;
  /** Those held now first; no more than a page holds. */
  rows: HeldAlert[];
}

export interface HeldAlert {
  alert_key: string;
  source: string;
  episode: number;
  severity: Severity;
  title: string;
  surface_id: string | null;
  /** When the alert began. */
  since: string;
  /** flag_off, offline, maintenance or dependency. */
  reason: string;
  state: 'active' | 'ended';
  held_at: string;
  ended_at: string | null;
}

export interface ActorSummary {
  id: string;
  kind: string;
  version: number;
  rev: number;
  state: unknown;
  parked: string | null;
  updated_at: string;
}

export interface HistoryEntry {
  at: string;
  event: string;
  event_id: string | null;
  from: unknown;
  to: unknown;
}

export interface ActorDetail extends ActorSummary {
  machine: string;
  context: unknown;
  next_events: string[];
  timers: { id: string; event: string; due_at: string }[];
  effects: { id: string; src: string; status: string; attempts: number; created_at: string; error: unknown }[];
  history: HistoryEntry[];
  /** The statechart as SVG with the current states marked; generated text, safe to embed. */
  chart_svg: string;
}

export interface DeadLetter {
  id: string;
  actor_id: string;
  src: string;
  /** What it is: ticket, tag, note or message. */
  kind: string;
  /** The code of what went wrong last, to look for others like it. */
  reason: string;
  /** What the machine asked for. */
  input: unknown;
  /** What would be sent: the same, or the words of a ticket; as a person changed it, where one did. */
  payload: unknown;
  edited: boolean;
  attempts: number;
  error: unknown;
  /** What was tried and what people did about it, newest last; entries have `at` and `what`. */
  history: unknown;
  finished_at: string;
}

export interface BulkReplay {
  replayed: number;
  refused: { id: string; message: string }[];
}

export interface EmissionInput {
  alert_id: string;
  severity: Severity;
  status: 'firing' | 'resolved';
  title: string;
  details?: string | undefined;
  url?: string | undefined;
  surface_id?: string | undefined;
}

export interface EmissionAnswer {
  accepted: number;
  alerts: { alert_key: string; state: string; collision?: true }[];
}

/** A ticket, or `degraded` with a reason and a sentence for the operator. */
export type InvestigateAnswer =
  | {
      surface_id: string;
      status: SurfaceStatus;
      ticket_id: number;
      ticket_url: string;
      idempotent: boolean;
      degraded: false;
    }
  | { surface_id: string; status: SurfaceStatus; degraded: true; reason: string; message: string };

export interface CustomerView {
  customer: { id: string; name: string; email: string };
  open: CustomerTicketView[];
  recent: CustomerTicketView[];
  degraded: boolean;
}

export interface CustomerTicketView {
  id: number;
  url: string;
  subject: string;
  status: string;
  created_at: string;
  updated_at: string;
}

/** Whom a session speaks for, at this moment. */
export interface SessionHolder {
  id: string;
  name: string;
  role: Role;
  /** Until it ends by itself, unless it is used. */
  remaining_ms: number;
}

/** One browser in which somebody is signed in. */
export interface SessionRow {
  /** Opens nothing; what opens is in the browser alone. */
  id: string;
  name: string;
  /** Who it is to the identity provider, whatever they call themselves. */
  subject: string;
  role: Role;
  address: string | null;
  user_agent: string | null;
  signed_in_at: string;
  last_used_at: string;
  expires_at: string;
}

/** How often somebody failed to get in, from all of one network, within a minute that ends in `left_ms`. */
export interface FailureCount {
  network: string;
  failures: number;
  left_ms: number;
}

export interface SignIn {
  /** The host of the identity provider. */
  readonly provider: string;
  /** Why nobody can sign in at this moment, as a code; null where one can. */
  trouble(): Promise<string | null>;
  /** Where to send the browser, and what it has to bring back, signed, for the answer to count. */
  begin(wish: { to?: string | undefined; asSomebodyElse: boolean }): Promise<{ url: string; attempt: string }>;
  /** Throws a Problem (errors.ts) for an answer that lets nobody in. `replaces` is the token that the browser held before. */
  complete(back: {
    attempt: string | null;
    answer: URLSearchParams;
    visitor: { address: string; userAgent: string };
    replaces: string | null;
  }): Promise<{ token: string; maxAgeMs: number; to: string }>;
  /** Ends the session; answers where to sign out of the provider too, where that is offered. */
  end(token: string): Promise<{ providerUrl: string | null }>;
}

export interface Changed {
  actors: string[];
  flags: boolean;
  /** Sessions that were ended; `all` when some may have been without our hearing of it. */
  sessions: string[] | 'all';
}

/** What changed on the grid; `all` where nothing can be named, or so much that naming it is no help. */
export interface BoardChange {
  ids: string[];
  all: boolean;
  /** The instant of the look that saw it. */
  as_of: string;
}

/** What the reconciler found between what fails, what was intended and what stands on the help desk. */
export interface Reconciliation {
  /** Null before the first one ended. `desk`: looked, cut_short, failing, failed or not_configured. */
  last_run: { at: string; took_ms: number; desk: string; did: Record<string, number> } | null;
  /** Waits for a person: two tickets for one (`twin`), parked actors (`parked`). */
  standing: { kind: string; details: Record<string, unknown>; found_at: string }[];
  /** Put right or reported lately, newest first. */
  recent: { at: string; what: string; details: Record<string, unknown> }[];
}

export interface Services {
  reconciliation(): Promise<Reconciliation>;
  /** null: nobody signs in here. */
  signIn: SignIn | null;
  /** Whose token it is; null for one that opens nothing. `use` tells that a person is at it, which puts off the idle limit. */
  session(token: string, how: { use: boolean }): Promise<SessionHolder | null>;
  /**
   * Adds failures to those that all processes count, each network once, and answers what they come to. With 0 it only
   * asks; of a network without any nothing is said.
   */
  countFailures(added: { network: string; failures: number }[]): Promise<FailureCount[]>;
  sessions(query: { cursor?: string | undefined; limit: number }): Promise<Page<SessionRow>>;
  revokeSession(id: string, by: string): Promise<boolean>;
  /** The grid as it is now; with `asOf` a look that was made at that instant or later will do. */
  board(asOf?: string): Promise<Board>;
  /** Calls back with what changed on the grid since that instant, at once and whenever more does, until unsubscribed. */
  watchBoard(since: string, heard: (change: BoardChange) => void): () => void;
  surface(id: string): Promise<SurfaceStory | null>;
  /** Throws a Problem (errors.ts) with one of the refusal codes. */
  investigate(surfaceId: string, by: string): Promise<InvestigateAnswer>;
  setMaintenance(surfaceId: string, window: { until: Date; reason: string }, by: string): Promise<void>;
  endMaintenance(surfaceId: string, by: string): Promise<void>;
  alerts(query: {
    state?: string | undefined;
    q?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<Page<AlertRow>>;
  ingest(source: string, alerts: EmissionInput[]): Promise<EmissionAnswer>;
  customer(id: string): Promise<CustomerView | null>;
  flags(): Promise<FlagState[]>;
  held(): Promise<HeldAlerts>;
  setFlag(name: string, enabled: boolean, by: string): Promise<FlagState>;
  isFlagOn(name: 'FLAG_CONSOLE_ALERTS_AUTO_TICKET' | 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS'): Promise<boolean>;
  audit(query: {
    action?: string | undefined;
    q?: string | undefined;
    since?: Date | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<Page<AuditRow>>;
  actors(query: {
    kind?: string | undefined;
    state?: string | undefined;
    q?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<Page<ActorSummary>>;
  actor(id: string): Promise<ActorDetail | null>;
  /** `total` counts all that fit the filter, on whatever page. */
  deadLetters(query: {
    kind?: string | undefined;
    reason?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<Page<DeadLetter> & { total: number }>;
  deadLetter(id: string): Promise<DeadLetter | null>;
  editDeadLetter(id: string, payload: unknown, by: string): Promise<DeadLetter | null>;
  replayDeadLetter(id: string, by: string): Promise<boolean>;
  replayDeadLetters(
    filter: { kind?: string | undefined; reason?: string | undefined },
    count: number,
    by: string,
  ): Promise<BulkReplay>;
  discardDeadLetter(id: string, reason: string, by: string): Promise<boolean>;
  /** A signed push from FreeScout; false when the signature is wrong or no secret is set. */
  freescoutWebhook(rawBody: Buffer, signature: string | undefined): Promise<boolean>;
  /** Calls back with changed actor ids until unsubscribed. */
  subscribe(listener: (changed: Changed) => void): () => void;
  /** Sentences for the banner: parts that are failing or not configured. */
  banners(): Promise<string[]>;
  readiness(): Promise<{ ready: boolean; checks: Record<string, string> }>;
  metrics(): Promise<{ contentType: string; text: string }>;
}
