import type { Severity } from '../../machines/shared/protocol.ts';
import type { ActorDetail, ActorSummary, Changed } from '../model/actors.ts';
import type { AlertList, AlertStory, EmissionAnswer, SuppressedAlerts } from '../model/alerts.ts';
import type { BulkReplay, DeadLetter } from '../model/deadLetters.ts';
import type { AuditPage, Banner, FlagState, PageOf, Reconciliation, SearchedPage } from '../model/operations.ts';
import type { FailureCount, RefusalSummary, Refuse, SessionHolder, SessionRow, SignIn } from '../model/people.ts';
import type { SentRequest, ShadowList, SourceRow, SourceToken } from '../model/senders.ts';
import type { NewSilence, Silence } from '../model/silences.ts';
import type { InvestigateAnswer, StatusGrid, StatusGridChange, SurfaceStory } from '../model/surfaces.ts';
import type { CustomerList, CustomerView } from '../model/tickets.ts';
import type { WeekReport } from '../model/weekly.ts';

export interface AnsweredRequest {
  method: string;
  /** Path of its route, with the names of its parameters; null if no route handled it. */
  route: string | null;
  status: number;
  seconds: number | null;
}

/** Everything that routes and views may use of the program, so that they can be tested over an in-memory fake. */
export interface ConsoleApi {
  /** Where the sandbox shows its own pages; empty if nothing is simulated. */
  sandboxPages: readonly { name: string; url: string }[];
  reconciliation(signal?: AbortSignal): Promise<Reconciliation>;
  /** null without a sign-in provider. */
  signIn: SignIn | null;
  /** The holder of a session token; null if it is unknown, expired or ended. `use` restarts the idle limit. */
  session(token: string, how: { use: boolean }): Promise<SessionHolder | null>;
  /**
   * Adds failures to the counts that all processes share and returns the new counts; each network may occur once. A
   * negative number takes failures back.
   */
  countFailures(added: { network: string; failures: number }[]): Promise<FailureCount[]>;
  /** Records that a request of this address was refused. */
  refused: Refuse;
  /** What was refused in the last 30 days. */
  refusals(signal?: AbortSignal): Promise<RefusalSummary>;
  /** `ofHolder`: only those of the person who holds the session with this id. */
  sessions(query: {
    cursor?: string | undefined;
    limit: number;
    ofHolder?: string | null;
  }): Promise<PageOf<SessionRow>>;
  revokeSession(id: string, by: string, only?: { ofHolder: string }): Promise<boolean>;
  /** The current grid. With `asOf`, a cached grid from that time or later is enough. */
  statusGrid(asOf?: string): Promise<StatusGrid>;
  /** How many surfaces have each status; shared by all callers for two seconds. */
  statusCounts(): Promise<StatusGrid['counts']>;
  /** Calls `onChange` with what changed on the grid since `since`: at once, and on each later change until unsubscribed. */
  watchStatusGrid(since: string, onChange: (change: StatusGridChange) => void): () => void;
  /** Like all methods that take a signal, it reads no further once that is aborted. */
  surface(id: string, signal?: AbortSignal): Promise<SurfaceStory | null>;
  /** Throws Problem `unknown_surface`, `not_degraded` or `feature_disabled`. */
  investigate(surfaceId: string, by: string): Promise<InvestigateAnswer>;
  setMaintenance(surfaceId: string, window: { until: Date; reason: string }, by: string): Promise<void>;
  endMaintenance(surfaceId: string, by: string): Promise<void>;
  alerts(
    query: {
      state?: string | undefined;
      severity?: Severity | undefined;
      source?: string | undefined;
      q?: string | undefined;
      cursor?: string | undefined;
      limit: number;
    },
    signal?: AbortSignal,
  ): Promise<AlertList>;
  alert(alertKey: string, signal?: AbortSignal): Promise<AlertStory | null>;
  /** Ends an alert whose resolution got lost. Throws Problem `unknown_alert` or `not_active`. */
  resolveAlert(alertKey: string, reason: string, by: string): Promise<void>;
  silences(query: { cursor?: string | undefined; limit: number }, signal?: AbortSignal): Promise<PageOf<Silence>>;
  /** Throws Problem `too_many_silences`. */
  createSilence(silence: NewSilence, by: string): Promise<Silence>;
  /** Ends it early. Throws Problem `unknown_silence` or `not_active`. */
  endSilence(id: string, by: string): Promise<Silence>;
  /**
   * Takes the first `atMost` alerts as they were sent. Throws Problem `invalid_field` if none of them can be used, and
   * `busy` if some were not stored.
   */
  ingest(source: string, alerts: readonly unknown[], atMost: number): Promise<EmissionAnswer>;
  /** Stores a request of a sender and answers its id; null if too many of its source wait. */
  storeRequest(request: SentRequest): Promise<string | null>;
  /** The tokens that the surfaces file names. */
  sourceTokens(): Promise<SourceToken[]>;
  /** The sender that the surfaces file declares for a source; null if it declares none. */
  sourceKind(source: string): Promise<string | null>;
  /** Whether the surfaces file lists it. */
  isDeclared(source: string): Promise<boolean>;
  sources(signal?: AbortSignal): Promise<SourceRow[]>;
  /** What shadow mode composed and did not post. */
  shadow(signal?: AbortSignal): Promise<ShadowList>;
  /** Sends itself a test request of this source, recorded only. False if there is no such source, or no test for it.
   * Throws Problem `busy` if too much of it waits. */
  testSource(id: string, by: string): Promise<boolean>;
  /** Of an ISO week such as `2026-W31`, or of the present one; null if there is no such week. */
  weekly(week?: string, signal?: AbortSignal): Promise<WeekReport | null>;
  customers(
    query: { q?: string | undefined; cursor?: string | undefined; limit: number },
    signal?: AbortSignal,
  ): Promise<CustomerList>;
  customer(id: string): Promise<CustomerView | null>;
  flags(): Promise<FlagState[]>;
  suppressedAlerts(signal?: AbortSignal): Promise<SuppressedAlerts>;
  setFlag(name: string, enabled: boolean, by: string): Promise<FlagState>;
  isFlagOn(name: 'FLAG_CONSOLE_ALERTS_AUTO_TICKET' | 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS'): Promise<boolean>;
  /** `withVisitors`: also addresses and session ids of sign-ins. */
  audit(
    query: {
      withVisitors: boolean;
      action?: string | undefined;
      q?: string | undefined;
      since?: Date | undefined;
      cursor?: string | undefined;
      limit: number;
    },
    signal?: AbortSignal,
  ): Promise<AuditPage>;
  actors(
    query: {
      kind?: string | undefined;
      state?: string | undefined;
      q?: string | undefined;
      cursor?: string | undefined;
      limit: number;
    },
    signal?: AbortSignal,
  ): Promise<SearchedPage<ActorSummary>>;
  actor(id: string, signal?: AbortSignal): Promise<ActorDetail | null>;
  /** `total` counts all matches on all pages. */
  deadLetters(
    query: {
      kind?: string | undefined;
      reason?: string | undefined;
      cursor?: string | undefined;
      limit: number;
    },
    signal?: AbortSignal,
  ): Promise<PageOf<DeadLetter> & { total: number }>;
  deadLetter(id: string, signal?: AbortSignal): Promise<DeadLetter | null>;
  editDeadLetter(id: string, payload: unknown, by: string): Promise<DeadLetter | null>;
  replayDeadLetter(id: string, by: string): Promise<boolean>;
  replayDeadLetters(
    filter: { kind?: string | undefined; reason?: string | undefined },
    count: number,
    by: string,
  ): Promise<BulkReplay>;
  discardDeadLetter(id: string, reason: string, by: string): Promise<boolean>;
  /** A signed push from FreeScout; false if the signature is invalid or no secret is set. */
  freescoutWebhook(rawBody: Buffer, signature: string | undefined): Promise<boolean>;
  /** Calls `listener` on each change until unsubscribed. */
  subscribe(listener: (changed: Changed) => void): () => void;
  /** Warnings for the top of pages. */
  banners(): Promise<Banner[]>;
  readiness(): Promise<{ ready: boolean; checks: Record<string, string> }>;
  /** Whether this process still waits for its migrations, so that statements may name what does not exist yet. */
  awaitsMigration(): boolean;
  metrics(): Promise<{ contentType: string; text: string }>;
  /** Counts an answered request; `seconds` is null if its duration means nothing. */
  countRequest(answered: AnsweredRequest): void;
}
