import type { Pool } from 'pg';
import type { Outcome, Policy, Status } from '../../machines/surface/types.ts';
import { surfaceActorSql } from '../actors/projections/actorId.ts';
import { IS_OFFLINE } from '../actors/projections/connection.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { isFailing, isInMaintenance, isInOutage, isTroubled, surfaceSql } from '../actors/projections/surface.ts';
import { alertKeyOf, NOT_SUPPRESSED, outageAlertId, POLLER_SOURCE, type TicketSuppression } from './emission.ts';

/** What keeps alerts from getting tickets of their own at this moment, besides the flag. */
export interface SuppressionState {
  of(source: string, surfaceId: string | null): TicketSuppression;
}

export interface Suppressions {
  /** For an emission. Where nothing was wrong half a second ago, nothing is wrong now; the post asks once more. */
  recent(): Promise<SuppressionState>;
  /** Reads the database at this moment; for decisions that cannot be taken back. */
  now(): Promise<SuppressionState>;
}

/** A surface that fails, or is under maintenance. */
interface TroubledSurface {
  id: string;
  /** Null while its failure is not confirmed. */
  status: Status | null;
  outcome: Outcome;
  severity: Policy['severity'];
  confirmedAt: string | null;
  alerting: string | null;
  in_maintenance: boolean;
  fails: boolean;
}

/** For each surface that depends on others, which ones those are. */
type Dependencies = Map<string, string[]>;

const NOTHING_SUPPRESSED: SuppressionState = { of: () => NOT_SUPPRESSED };
const FRESH_MS = 500;
const DEPENDENCIES_FRESH_MS = 2_000;

export function createSuppressions(pool: Pick<Pool, 'query'>, lateAfterMs: number): Suppressions {
  let quietUntil = 0;
  let dependencies: { until: number; read: Dependencies } | null = null;

  async function read(mayBeOld: boolean): Promise<SuppressionState> {
    const asked = performance.now();
    const { rows } = await pool.query<TroubledSurface & { offline: boolean }>(TROUBLED_SURFACES, [lateAfterMs]);
    const offline = rows.some((row) => row.offline);
    const troubled = rows.filter(({ id }) => id !== null);
    if (troubled.length === 0 && !offline) {
      quietUntil = asked + FRESH_MS;
      return NOTHING_SUPPRESSED;
    }
    quietUntil = 0;
    const holding = troubled.filter(suppressesDependents);
    return suppressionState(troubled, holding.length > 0 ? await dependsOn(mayBeOld) : new Map(), offline);
  }

  /** They change only with the surfaces file. */
  async function dependsOn(mayBeOld: boolean): Promise<Dependencies> {
    const now = performance.now();
    if (mayBeOld && dependencies && now < dependencies.until) return dependencies.read;
    const { rows } = await pool.query<{ id: string; depends_on: string[] }>(DEPENDENCIES);
    const found = new Map(rows.map(({ id, depends_on }) => [id, depends_on]));
    dependencies = { until: now + DEPENDENCIES_FRESH_MS, read: found };
    return found;
  }

  return {
    recent: async () => (performance.now() < quietUntil ? NOTHING_SUPPRESSED : read(true)),
    now: () => read(false),
  };
}

/**
 * Whether this surface's trouble keeps those that depend on it from filing. Only where somebody gets, or will get, a
 * ticket for it, or works on it anyway: otherwise the outage below would be on no ticket at all. One that fails without
 * being confirmed counts as what its last check saw; its next check decides.
 */
function suppressesDependents({ status, outcome, severity, in_maintenance, fails }: TroubledSurface): boolean {
  const isDown = status === null ? outcome === 'down' : status === 'DOWN';
  const deserves = isDown ? severity.down : severity.degraded;
  return fails && (in_maintenance || deserves === 'P1' || deserves === 'P2');
}

function suppressionState(
  troubled: readonly TroubledSurface[],
  dependencies: Dependencies,
  offline: boolean,
): SuppressionState {
  const inMaintenance = new Set(troubled.flatMap(({ id, in_maintenance }) => (in_maintenance ? [id] : [])));
  const holding = new Map(troubled.filter(suppressesDependents).map((each) => [each.id, each]));

  /** Everything that holds this surface, however many dependencies away. */
  function above(surfaceId: string): TroubledSurface[] {
    const seen = new Set([surfaceId]);
    const open = [...(dependencies.get(surfaceId) ?? [])];
    const found: TroubledSurface[] = [];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      const each = holding.get(id);
      if (each) found.push(each);
      open.push(...(dependencies.get(id) ?? []));
    }
    return found;
  }

  return {
    of(source, surfaceId) {
      // Whoever else reaches us with an alert proves that what it says is no fault of our connection.
      if (offline && source === POLLER_SOURCE) return { held: 'offline', under: [] };
      if (surfaceId === null) return NOT_SUPPRESSED;
      if (inMaintenance.has(surfaceId)) return { held: 'maintenance', under: [] };
      const found = above(surfaceId);
      if (found.length === 0) return NOT_SUPPRESSED;
      // Those that are held themselves have no ticket to be named on.
      const under = found.filter(({ id }) => above(id).length === 0).flatMap(outageAlertKey);
      return { held: 'dependency', under: under.toSorted() };
    },
  };
}

/** The outage's own alert, once it raised one. */
const outageAlertKey = ({ id, confirmedAt, alerting }: TroubledSurface): string[] =>
  confirmedAt !== null && alerting !== null ? [alertKeyOf(POLLER_SOURCE, outageAlertId(id, confirmedAt))] : [];

/** A field of the surface's context in the query below. */
const field = (path: Parameters<typeof surfaceSql.text>[0]): string => surfaceSql.text(path, 'a.context');

/** What is not being checked, or cannot count its checks, says nothing and holds nobody. One row at least. */
const TROUBLED_SURFACES = `
  select troubled.*, is_offline.offline from
    (select exists (select from actors where ${IS_OFFLINE}) as offline) is_offline
  left join (
    select s.id, ${field('streak.outcome')} as outcome, ${surfaceSql.json('policy.severity', 'a.context')} as severity,
      case when ${isInOutage('a.state')} then ${field('status')} end as status,
      ${field('confirmedAt')} as "confirmedAt", ${field('alerting')} as alerting,
      ${isInMaintenance('a.state')} as in_maintenance,
      ${isFailing('a.state')}
        and s.checked_at > clock_timestamp() - $1 * interval '1 millisecond' as fails
    from (select id, state, ${contextOf()} as context from actors
          where kind = 'surface' and parked is null
            and ${isTroubled()}
          offset 0) a
    join surfaces s on a.id = ${surfaceActorSql('s.id')} and s.removed_at is null
  ) troubled on true`;

const DEPENDENCIES = `
  select id, config->'dependsOn' as depends_on from surfaces
  where removed_at is null and config->'dependsOn' <> '[]'`;
