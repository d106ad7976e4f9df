import type { Pool } from 'pg';
import type { Outcome, Policy, Status } from '../../machines/surface/types.ts';
import { surfaceIdSql } from '../actors/projections/actorId.ts';
import { IS_OFFLINE } from '../actors/projections/connection.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { isFailing, isInMaintenance, isInOutage, isTroubled, surfaceSql } from '../actors/projections/surface.ts';
import { prepared, queryPrepared } from '../db/prepared.ts';
import { LATE_MS } from '../surfaces/lateChecks.ts';
import { LEASE_S } from '../surfaces/maintenanceClock.ts';
import { type PlannedWindows, windowsAt } from '../surfaces/maintenanceWindows.ts';

/** What may suppress tickets, as the database has it at this moment. */
export interface TroubledSurfaces {
  /** Whether the console itself is offline. */
  offline: boolean;
  troubled: TroubledSurface[];
  /** Surfaces whose maintenance has begun, but is not in their state yet. */
  begun: ReadonlySet<string>;
}

/** A surface that is failing or under maintenance. */
export interface TroubledSurface {
  id: string;
  /** Null while the failure is not confirmed. */
  status: Status | null;
  outcome: Outcome;
  severity: Policy['severity'];
  confirmedAt: string | null;
  alerting: string | null;
  in_maintenance: boolean;
  fails: boolean;
}

interface Row extends TroubledSurface {
  offline: boolean;
  /** The windows of a surface of which one may have begun, at this instant; null in all other rows. */
  planned: (PlannedWindows & { at: string }) | null;
}

export async function readTroubledSurfaces(pool: Pick<Pool, 'query'>, lateAfterMs: number): Promise<TroubledSurfaces> {
  const { rows } = await queryPrepared<Row>(pool, TROUBLED_SURFACES, [lateAfterMs]);
  return {
    offline: rows.some(({ offline }) => offline),
    troubled: rows.filter(({ id, planned }) => id !== null && planned === null),
    begun: new Set(rows.flatMap(hasBegun)),
  };
}

/**
 * The id of the surface if one of its windows has begun. The poller sets the maintenance of the surface a moment later,
 * or long after if none has run meanwhile. A window that no release can read is left to the poller, which reports it.
 */
function hasBegun({ id, planned }: Row): string[] {
  if (planned === null) return [];
  try {
    return windowsAt(planned, new Date(planned.at)).current === null ? [] : [id];
  } catch {
    return [];
  }
}

/** A field of the surface's context in the query below. */
const field = (path: Parameters<typeof surfaceSql.text>[0]): string => surfaceSql.text(path, 'a.context');

/**
 * Returns at least one row. The last part finds surfaces whose windows are due, or will be within the time for which a
 * process that sets their maintenance puts them off. Surfaces whose checks are late, or whose actors are parked, suppress
 * nothing. A late check that is under way counts as in time: after a pause of all checks, one that times out ends later than
 * that of a dependent surface which fails at once. Its claim ends even if its process dies. Each surface is found by its
 * id: compared with the ids of all actors, a thousand that are down would be a million comparisons.
 */
const TROUBLED_SURFACES = prepared(`
  select troubled.*, is_offline.offline, null::jsonb as planned from
    (select exists (select from actors where ${IS_OFFLINE}) as offline) is_offline
  left join (
    select s.id, ${field('streak.outcome')} as outcome, ${surfaceSql.json('policy.severity', 'a.context')} as severity,
      case when ${isInOutage('a.state')} then ${field('status')} end as status,
      ${field('confirmedAt')} as "confirmedAt", ${field('alerting')} as alerting,
      ${isInMaintenance('a.state')} as in_maintenance,
      ${isFailing('a.state')}
        and (s.checked_at > clock_timestamp() - ${LATE_MS} * interval '1 millisecond'
          or s.next_check_at > clock_timestamp()) as fails
    from (select id, state, ${contextOf()} as context from actors
          where kind = 'surface' and parked is null
            and ${isTroubled()}
          offset 0) a
    join surfaces s on s.id = ${surfaceIdSql('a.id')} and s.removed_at is null
  ) troubled on true
  union all
  select id, null, null, null, null, null, false, false, false, jsonb_build_object('maintenance', config->'maintenance',
    'weeklyMaintenance', coalesce(config->'weeklyMaintenance', '[]'), 'at', clock_timestamp())
  from surfaces
  where removed_at is null and window_at <= clock_timestamp() + ${LEASE_S} * interval '1 second'
    and (config->'maintenance' <> '[]' or config->'weeklyMaintenance' <> '[]')`);
