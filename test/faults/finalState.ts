import type { Severity } from '../../machines/shared/protocol.ts';
import type { RestartableDatabase } from './database.ts';
import type { Dependencies } from './dependencies.ts';
import { type ReleaseFacts, readReleases } from './releaseWatch.ts';

/** What the database, FreeScout and Slack contain at the end of a run, as plain data for the checks. */
export interface FinalState {
  moves: Move[];
  alerts: AlertFact[];
  /** Revisions of actors that are in the history more than once. */
  repeatedRevisions: string[];
  filings: FilingFact[];
  audits: AuditFact[];
  messages: MessageFact[];
  dead: string[];
  parked: string[];
  held: number;
  webhooks: StoredRequests[];
  releases: ReleaseFacts;
  freescout: TicketFact[];
  slack: SlackFact[];
}

/** One emission in the history of an alert, or its end because a flapping service was up for long enough. */
export interface Move {
  key: string;
  type: 'EMITTED' | 'RESOLVED' | 'QUIET';
  severity: Severity;
  /** Of an emission that names one. */
  surfaceId: string | null;
  /** Whether the emission says that its service is flapping. */
  flapping: boolean;
  at: number;
  /** The same instant by the clock of the database, which the run sets. */
  clock: number;
}

export interface AlertFact {
  key: string;
  active: boolean;
  episode: number;
  severity: Severity;
  ticketId: number | null;
}

export interface FilingFact {
  id: string;
  marker: string;
  path: 'investigate' | 'alert' | 'umbrella';
  /** For an alert `alert:<alert_key>:<episode>`. */
  subjectKey: string;
  phase: string;
  ticketId: number | null;
  adopted: boolean;
}

export interface AuditFact {
  action: string;
  payload: Record<string, unknown>;
}

export interface MessageFact {
  thread: string;
  kind: string;
  phase: string;
  ts: string | null;
}

/** The requests of one webhook sender that were stored. */
export interface StoredRequests {
  source: string;
  stored: number;
  /** Dead letters that nobody can understand, and others. */
  notUnderstood: number;
  otherDead: number;
  /** Alerts that could not be used, among others that could. */
  rejected: number;
}

/** A ticket in FreeScout that was not deleted. */
export interface TicketFact {
  id: number;
  tags: string[];
  notes: string[];
}

export interface SlackFact {
  ts: string;
  marker: string;
}

export async function readFinalState(
  { rows }: Pick<RestartableDatabase, 'rows'>,
  { freescout, slack }: Dependencies,
): Promise<FinalState> {
  const [alone] = await rows<{ parked: string[]; held: number }>(
    `select coalesce((select array_agg(id || ': ' || parked) from actors where parked is not null), '{}') as parked,
       (select count(*)::int from held_events) as held`,
  );
  return {
    moves: (await rows<Omit<Move, 'at' | 'clock'> & { at: Date; clock: Date }>(MOVES)).map((move) => ({
      ...move,
      at: move.at.getTime(),
      clock: move.clock.getTime(),
    })),
    alerts: await rows<AlertFact>(ALERTS),
    repeatedRevisions: (await rows<{ what: string }>(REPEATED)).map(({ what }) => what),
    filings: await rows<FilingFact>(FILINGS),
    audits: await rows<AuditFact>('select action, payload from audit_log order by id'),
    messages: await rows<MessageFact>('select thread, kind, phase, ts from direct_messages'),
    dead: (await rows<{ what: string }>(DEAD)).map(({ what }) => what),
    parked: alone?.parked ?? [],
    held: alone?.held ?? 0,
    webhooks: await rows<StoredRequests>(WEBHOOKS),
    releases: await readReleases({ rows }),
    freescout: freescout.state.tickets.map(({ id, tags, threads }) => ({
      id,
      tags: [...tags],
      notes: threads.filter(({ type }) => type === 'note').map(({ body }) => body),
    })),
    slack: slack.state.messages.map(({ ts, metadata }) => ({
      ts,
      marker: String(metadata?.event_payload.marker ?? ''),
    })),
  };
}

const MOVES = `
  select substr(actor_id, 7) as key, case when event->>'type' like 'xstate.after.%' then 'QUIET' else event->>'type' end as type,
    coalesce(event->>'severity', 'P3') as severity, event->>'surfaceId' as "surfaceId",
    coalesce((event->>'flapping')::boolean, false) as flapping, real_at as at, at as clock
  from actor_history where actor_id like 'alert:%'
    and (event->>'type' in ('EMITTED', 'RESOLVED') or event->>'type' like 'xstate.after.flapWindow.%') order by id`;
const ALERTS = `
  select substr(id, 7) as key, (snapshot->'context'->>'active')::boolean as active, (snapshot->'context'->>'episode')::int as episode,
    snapshot->'context'->>'severity' as severity, (snapshot->'context'->'ticket'->>'id')::int as "ticketId"
  from actors where kind = 'alert'`;
const REPEATED = `
  select actor_id || ' at ' || rev as what from actor_history group by actor_id, rev having count(*) > 1 order by 1`;
const FILINGS = `
  select id, marker, path, subject_key as "subjectKey", phase, ticket_id::int as "ticketId", adopted from filings order by created_at`;
const WEBHOOKS = `
  select source, count(*)::int as stored, coalesce(sum(rejected), 0)::int as rejected,
    count(*) filter (where status in ('dead', 'discarded') and reason = 'not_understood')::int as "notUnderstood",
    count(*) filter (where status in ('dead', 'discarded') and reason <> 'not_understood')::int as "otherDead"
  from webhook_requests group by source order by source`;
const DEAD = `select src || ' ' || id || ': ' || coalesce(error->>'message', '') as what from effects where status = 'dead'`;
