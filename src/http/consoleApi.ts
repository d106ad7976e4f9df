import type { ActorDetail, ActorSummary, Changed } from '../model/actors.ts';
import type { AlertRow, EmissionAnswer, EmissionInput, SuppressedAlerts } from '../model/alerts.ts';
import type { BulkReplay, DeadLetter } from '../model/deadLetters.ts';
import type { AuditRow, FlagState, PageOf, Reconciliation } from '../model/operations.ts';
import type { FailureCount, SessionHolder, SessionRow, SignIn } from '../model/people.ts';
import type { InvestigateAnswer, StatusGrid, StatusGridChange, SurfaceStory } from '../model/surfaces.ts';
import type { CustomerView } from '../model/tickets.ts';

/**
 * Everything the routes may ask of the program, in one page. The composition root fills it in;
 * routes and views know nothing else, so they can be read and tested without the house.
 */
export interface ConsoleApi {
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
  sessions(query: { cursor?: string | undefined; limit: number }): Promise<PageOf<SessionRow>>;
  revokeSession(id: string, by: string): Promise<boolean>;
  /** The grid as it is now; with `asOf` a look that was made at that instant or later will do. */
  board(asOf?: string): Promise<StatusGrid>;
  /** Calls back with what changed on the grid since that instant, at once and whenever more does, until unsubscribed. */
  watchBoard(since: string, heard: (change: StatusGridChange) => void): () => void;
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
  }): Promise<PageOf<AlertRow>>;
  ingest(source: string, alerts: EmissionInput[]): Promise<EmissionAnswer>;
  customer(id: string): Promise<CustomerView | null>;
  flags(): Promise<FlagState[]>;
  held(): Promise<SuppressedAlerts>;
  setFlag(name: string, enabled: boolean, by: string): Promise<FlagState>;
  isFlagOn(name: 'FLAG_CONSOLE_ALERTS_AUTO_TICKET' | 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS'): Promise<boolean>;
  audit(query: {
    action?: string | undefined;
    q?: string | undefined;
    since?: Date | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<PageOf<AuditRow>>;
  actors(query: {
    kind?: string | undefined;
    state?: string | undefined;
    q?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<PageOf<ActorSummary>>;
  actor(id: string): Promise<ActorDetail | null>;
  /** `total` counts all that fit the filter, on whatever page. */
  deadLetters(query: {
    kind?: string | undefined;
    reason?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<PageOf<DeadLetter> & { total: number }>;
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
