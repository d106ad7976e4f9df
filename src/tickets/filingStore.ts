import type { Pool } from 'pg';
import type { FilingRequest } from '../../machines/shared/protocol.ts';
import { ageSeconds, epochMs } from '../db/age.ts';
import { COMMITS_ASYNCHRONOUSLY } from '../db/asynchronousCommit.ts';
import { type DatabaseClock, realAgeMs } from '../db/databaseClock.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { type Prepared, prepared, queryPrepared } from '../db/prepared.ts';

/** The rows of `filings` and their changes of phase. Each change is one committed statement. */

export interface Filing {
  id: string;
  marker: string;
  path: 'investigate' | 'alert' | 'umbrella';
  source: string | null;
  request: FilingRequest;
  phase: 'planned' | 'attempting' | 'created' | 'tagged' | 'withdrawn' | 'gone';
  withdrawn: boolean;
  attempts: number;
  ticketId: number | null;
  ticketUrl: string | null;
  /** The ticket existed before this filing. */
  adopted: boolean;
  createdAt: Date;
  /** Milliseconds that have certainly passed since the last attempt began; null before the first. */
  sinceAttemptMs: number | null;
  /** The rejection of the last attempt, if it does not show whether a ticket was stored; else null. */
  refusal: string | null;
  /** Milliseconds until the deadline of the POST, by the database's clock; null without a deadline. */
  leftMs: number | null;
}

/** Of a row, as a `StoredFiling`. */
export const FIELDS = `id, marker, path, source, request, phase, withdrawn_at is not null as withdrawn, attempts,
  refusal, ticket_id as "ticketId", ticket_url as "ticketUrl", adopted, created_at as "createdAt",
  ${ageSeconds('attempted_at')} * 1000 as "sinceAttemptMs", ${epochMs('attempted_at')} as "attemptedAtMs",
  extract(epoch from deadline_at - clock_timestamp())::float8 * 1000 as "leftMs"`;

const READ = prepared(`select ${FIELDS} from filings where id = $1`);
const READ_MANY = prepared(`select ${FIELDS} from filings where id = any($1)`);
const BEGIN_ATTEMPT = prepared(`
  update filings set phase = 'attempting', attempts = attempts + 1, attempted_at = clock_timestamp(), refusal = null
  where id = $1 and attempts = $2 and phase in ('planned', 'attempting') and ticket_id is null
    and withdrawn_at is null and (deadline_at is null or deadline_at > clock_timestamp())
  returning ${FIELDS}`);
const RECORD_TICKET = prepared(`
  update filings set phase = 'created', ticket_id = $2, ticket_url = $3, filed_at = clock_timestamp(),
    ticket_status = 'active', checked_at = clock_timestamp()
  where id = $1 and ticket_id is null and phase <> 'withdrawn'`);
const ADOPT = prepared(`
  update filings set phase = 'created', ticket_id = $2, ticket_url = $3, filed_at = $4, adopted = true,
    ticket_status = 'active', checked_at = clock_timestamp()
  where id = $1 and ticket_id is null and phase = 'planned'
  returning ${FIELDS}`);
/** If it is lost in a crash of the database, the tags are looked at again; a result that is delivered after it makes it durable. */
const RECORD_TAGGED = prepared(
  `update filings set phase = 'tagged' where id = $1 and phase = 'created' and ${COMMITS_ASYNCHRONOUSLY}`,
);
const RECENTLY_FILED = prepared(`
  select clock_timestamp() - interval '60 minutes' as "hourAgo", clock_timestamp() - interval '30 days' as "monthAgo",
    array(
      select ticket_id::float8 from filings
      where path = 'investigate' and request->>'surfaceId' = $1 and request->>'status' = $2
        and ticket_id is not null and filed_at > clock_timestamp() - interval '60 minutes'
      order by filed_at desc
    ) as "ticketIds"`);
const LAST_CHECK = prepared(`
  select checked_at as at, outcome, latency_ms as "latencyMs", http_status as "httpStatus", error
  from surfaces where id = $1 and checked_at is not null`);

export type StoredFiling = Filing & { attemptedAtMs: number | null };

export function createFilingStore(pool: Pool, clock: DatabaseClock) {
  const many = async (statement: Prepared, values: unknown[]): Promise<Filing[]> => {
    const { rows } = await queryPrepared<StoredFiling>(pool, statement, values);
    return rows.map(({ attemptedAtMs, ...filing }) => ({
      ...filing,
      sinceAttemptMs: realAgeMs(clock, filing.sinceAttemptMs, attemptedAtMs),
    }));
  };
  const one = async (statement: Prepared, values: unknown[]): Promise<Filing | null> =>
    (await many(statement, values))[0] ?? null;
  return {
    read: (id: string) => one(READ, [id]),

    async readMany(ids: readonly string[]): Promise<Filing[]> {
      if (ids.length === 0) return [];
      return many(READ_MANY, [ids]);
    },

    /**
     * Committed before the request, so that after a crash the next run looks the ticket up. Null if the filing was
     * withdrawn, is past its deadline, or another process began an attempt first.
     */
    beginAttempt: ({ id, attempts }: Filing) => one(BEGIN_ATTEMPT, [id, attempts]),

    /** The attempt certainly had no effect: the filing is as it was before. */
    async takeBackAttempt({ id, attempts }: Filing): Promise<void> {
      await pool.query(
        `update filings set phase = case when withdrawn_at is null then 'planned' else 'withdrawn' end
         where id = $1 and attempts = $2 and phase = 'attempting'`,
        [id, attempts],
      );
    },

    async recordRefusal(id: string, message: string): Promise<void> {
      await pool.query("update filings set refusal = $2 where id = $1 and phase = 'attempting'", [id, message]);
    },

    /**
     * Nothing if the filing has a ticket. A filing that was closed while this process waited or stood still is left to
     * the reconciler, because the result of this run is ignored: it finds the ticket by its marker and tells the actor.
     */
    async recordTicket(id: string, ticket: { id: number; url: string }): Promise<void> {
      await queryPrepared(pool, RECORD_TICKET, [id, ticket.id, ticket.url]);
    },

    /**
     * Records a ticket that the filing did not post. Null if the filing is not planned any more: the POST of an attempt
     * that another process has begun may create a ticket of its own.
     */
    adopt: ({ id }: Filing, ticket: { id: number; url: string; createdAt: Date }) =>
      one(ADOPT, [id, ticket.id, ticket.url, ticket.createdAt]),

    async recordTagged(id: string): Promise<void> {
      await queryPrepared(pool, RECORD_TAGGED, [id]);
    },

    /** Ends the filing without a ticket. False if it has one, or another attempt has begun since this row was read. */
    async close({ id, attempts }: Filing): Promise<boolean> {
      const { rowCount } = await pool.query(
        `update filings set phase = 'withdrawn', withdrawn_at = coalesce(withdrawn_at, now())
         where id = $1 and ticket_id is null and (phase <> 'attempting' or attempts = $2)`,
        [id, attempts],
      );
      return (rowCount ?? 0) > 0;
    },

    /**
     * The same for many filings; returns the ids of those that ended. One that another transaction holds is left to a run
     * of its own, so that the others do not wait for it.
     */
    async closeMany(filings: readonly Filing[]): Promise<Set<string>> {
      if (filings.length === 0) return new Set();
      const { rows } = await pool.query<{ id: string }>(
        `with free as (
           select f.id from filings f join ${rowsFromJson('id text, attempts int')} using (id)
           where f.ticket_id is null and (f.phase <> 'attempting' or f.attempts = x.attempts)
           order by f.id for update of f skip locked
         )
         update filings f set phase = 'withdrawn', withdrawn_at = coalesce(withdrawn_at, now())
         from free where f.id = free.id returning f.id`,
        [JSON.stringify(filings.map(({ id, attempts }) => ({ id, attempts })))],
      );
      return new Set(rows.map(({ id }) => id));
    },

    /** What a click has to know before it looks for an open ticket of its surface and status. */
    async recentlyFiled(surfaceId: string, status: string): Promise<RecentlyFiled> {
      const { rows } = await queryPrepared<RecentlyFiled>(pool, RECENTLY_FILED, [surfaceId, status]);
      return rows[0] as RecentlyFiled;
    },

    /** A later click or episode got this ticket instead of a new one. */
    async recordReuse(ticketId: number): Promise<void> {
      await pool.query('update filings set reused_at = clock_timestamp() where ticket_id = $1', [ticketId]);
    },

    async isOurs(ticketId: number): Promise<boolean> {
      const { rowCount } = await pool.query('select 1 from filings where ticket_id = $1 limit 1', [ticketId]);
      return (rowCount ?? 0) > 0;
    },

    async lastCheck(surfaceId: string) {
      const { rows } = await queryPrepared<LastCheck>(pool, LAST_CHECK, [surfaceId]);
      return rows[0] ?? null;
    },
  };
}

export type FilingStore = ReturnType<typeof createFilingStore>;

/** Instants and ages by the clock of the database. */
export interface RecentlyFiled {
  /** Of tickets that clicks filed less than 60 minutes ago, newest first. */
  ticketIds: number[];
  hourAgo: Date;
  monthAgo: Date;
}

export interface LastCheck {
  at: Date;
  outcome: string;
  latencyMs: number | null;
  httpStatus: number | null;
  error: string | null;
}
