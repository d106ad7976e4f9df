import type { Pool } from 'pg';
import type { CheckedSurface, ClaimedSurface } from './pollerEvents.ts';

/** `unresponsive`: its last check got no answer, or a late one, so this one may take its whole timeout. */
export type Claimed = ClaimedSurface & { unresponsive: boolean };

/** How many more checks may begin, and how many of them of unresponsive surfaces. */
export interface Room {
  any: number;
  unresponsive: number;
}

/** Which surfaces are due for a check. Any number of processes share one schedule; it is kept in the database. */
export interface Schedule {
  /** Whether a check, or the beginning or end of a maintenance window, is due. Only reads, since most of the time none is. */
  due(): Promise<Due>;
  /**
   * Takes as many due surfaces as there is room for, those that answer first, so that no other process checks them. The
   * surfaces `alsoUnresponsive` count as unresponsive, whatever their last check found.
   */
  claim(room: Room, alsoUnresponsive: readonly string[]): Promise<Claimed[]>;
  /** Whether a surface is due that is not unresponsive. */
  isAnsweringDue(alsoUnresponsive: readonly string[]): Promise<boolean>;
  /** Makes claimed surfaces due now; one that another transaction holds becomes due when its claim ends. */
  handBack(ids: readonly string[]): Promise<void>;
  /** Makes checked surfaces due again, an interval after they were claimed. */
  reschedule(checked: readonly CheckedSurface[]): Promise<void>;
  /** Makes surfaces due that were scheduled by a longer interval, or before the database's clock stepped back. */
  advanceLate(): Promise<void>;
  /** Drops surfaces that were removed from the file during the check: their actors have been retired. */
  stillListed(checked: readonly CheckedSurface[]): Promise<CheckedSurface[]>;
}

export interface Due {
  checks: boolean;
  windows: boolean;
}

/** A surface whose process died while checking is due again after its timeout and this many seconds. */
const GRACE_S = 5;

/** The interval of a surface, and how long its claim lasts; `$1` is the interval of surfaces without their own. */
const INTERVAL = "coalesce((config->>'intervalSeconds')::float8, $1::float8)";
const LEASE = `greatest(${INTERVAL}, (config->>'timeoutMs')::float8 / 1000 + ${GRACE_S}) * interval '1 second'`;

const DUE = 'removed_at is null and next_check_at <= clock_timestamp()';
const SOMETHING_DUE = `
  select exists (select from surfaces where ${DUE}) as checks,
    exists (select from surfaces where removed_at is null and window_at <= clock_timestamp()) as windows`;
const LATE = "latency_ms > (config->>'timeoutMs')::float8 / 2";
const UNRESPONSIVE = `coalesce(outcome = 'down' and http_status is null, false) or coalesce(${LATE}, false)`;
/** `parameter`: surfaces that count as unresponsive anyway. */
const isUnresponsive = (parameter: string): string => `(${UNRESPONSIVE} or id = any(${parameter}))`;

export function createSchedule(pool: Pick<Pool, 'query'>, intervalSeconds: number): Schedule {
  return {
    async due() {
      const { rows } = await pool.query<Due>(SOMETHING_DUE);
      return rows[0] ?? { checks: false, windows: false };
    },
    /**
     * Moves `next_check_at` forward at once, so that a crash loses one check at most. All are claimed at one instant, so
     * that none of them counts as checked before another began to fail.
     */
    async claim(room, alsoUnresponsive) {
      if (room.any <= 0) return [];
      const { rows } = await pool.query<Claimed>(
        `with claim as materialized (
           select clock_timestamp() as at
         ), answering as (
           select id from surfaces where ${DUE} and not ${isUnresponsive('$2')}
           order by next_check_at limit $3 for update skip locked
         ), unresponsive as (
           select id from surfaces where ${DUE} and ${isUnresponsive('$2')}
           order by next_check_at limit greatest(0, least($4, $3 - (select count(*) from answering))) for update skip locked
         ), due as (
           select id, false as unresponsive from answering union all select id, true from unresponsive
         )
         update surfaces s set next_check_at = claim.at + ${LEASE}
         from due cross join claim where s.id = due.id
         returning s.id, s.config, due.unresponsive, claim.at as claimed_at`,
        [intervalSeconds, alsoUnresponsive, room.any, room.unresponsive],
      );
      return rows;
    },
    async isAnsweringDue(alsoUnresponsive) {
      const { rows } = await pool.query<{ due: boolean }>(
        `select exists (select from surfaces where ${DUE} and not ${isUnresponsive('$1')}) as due`,
        [alsoUnresponsive],
      );
      return rows[0]?.due === true;
    },
    async handBack(ids) {
      await pool.query(
        `with handed_back as materialized (
           select id from surfaces where id = any($1) order by id for update skip locked
         )
         update surfaces s set next_check_at = clock_timestamp() from handed_back where s.id = handed_back.id`,
        [ids],
      );
    },
    /** Rows are locked in the order of their ids, as everywhere. */
    async reschedule(checked) {
      await pool.query(
        `with checked as (
           select * from unnest($2::text[], $3::timestamptz[]) as checked (id, at)
         ), locked as materialized (
           select id from surfaces where id in (select id from checked) order by id for update
         )
         update surfaces s set next_check_at = least(s.next_check_at, checked.at + ${INTERVAL} * interval '1 second')
         from locked join checked using (id) where s.id = locked.id`,
        [intervalSeconds, checked.map(({ surface }) => surface.id), checked.map(({ surface }) => surface.claimed_at)],
      );
    },
    async advanceLate() {
      await pool.query(
        `with late as materialized (
           select id from surfaces
           where removed_at is null and next_check_at > clock_timestamp() + ${LEASE} + interval '1 second'
           order by id for update skip locked
         )
         update surfaces s set next_check_at = clock_timestamp() from late where s.id = late.id`,
        [intervalSeconds],
      );
    },
    async stillListed(checked) {
      const { rows } = await pool.query<{ id: string }>(
        'select id from surfaces where id = any($1) and removed_at is null',
        [checked.map(({ surface }) => surface.id)],
      );
      const listed = new Set(rows.map(({ id }) => id));
      return checked.filter(({ surface }) => listed.has(surface.id));
    },
  };
}
