import type { Pool } from 'pg';
import { alertKeyOf, NOT_SUPPRESSED, outageAlertId, POLLER_SOURCE, type TicketSuppression } from './emission.ts';
import { readSettling, type Upstream } from './settling.ts';
import type { InShadow } from './shadow/state.ts';
import { readTroubledSurfaces, type TroubledSurface, type TroubledSurfaces } from './troubledSurfaces.ts';

/** What suppresses tickets at this moment besides the flag: our own outage, maintenance, and upstream outages. */
export interface SuppressionState {
  of(source: string, surfaceId: string | null): TicketSuppression;
}

export interface Suppressions {
  /** For an emission. That nothing is suppressed may be half a second old, since admission reads again before the POST. */
  recent(): Promise<SuppressionState>;
  /** Reads the database at this moment, for decisions that cannot be undone. */
  now(): Promise<SuppressionState>;
}

/** The ids that each surface depends on directly. */
type Dependencies = Map<string, string[]>;

const NOTHING_SUPPRESSED: SuppressionState = { of: () => NOT_SUPPRESSED };
const FRESH_MS = 500;
const DEPENDENCIES_FRESH_MS = 2_000;

export function createSuppressions(
  pool: Pick<Pool, 'query'>,
  lateAfterMs: number,
  shadowNow: () => Promise<InShadow>,
): Suppressions {
  let nothingUntil = 0;
  let dependencies: { until: number; read: Dependencies } | null = null;

  async function read(mayUseCache: boolean): Promise<SuppressionState> {
    const startedAt = performance.now();
    const surfaces = await readTroubledSurfaces(pool, lateAfterMs);
    const { offline, troubled, begun } = surfaces;
    const needsDependencies = troubled.some((each) => suppressesDependents(each) || hasOutage(each));
    const dependencies = needsDependencies ? await dependsOn(mayUseCache) : new Map<string, string[]>();
    const settling = await readSettling(
      pool,
      troubled.filter(hasOutage).flatMap((each) => pairsOf(each, dependencies)),
    );
    const needed = new Set([...dependencies.values()].flat());
    const isNothing =
      !offline && begun.size === 0 && settling.size === 0 && !troubled.some((each) => suppresses(each, needed));
    nothingUntil = isNothing ? startedAt + FRESH_MS : 0;
    if (isNothing) return NOTHING_SUPPRESSED;
    return suppressionState({ ...surfaces, dependencies, settling, inShadow: await shadowNow() });
  }

  /** Dependencies change only with the surfaces file. */
  async function dependsOn(mayUseCache: boolean): Promise<Dependencies> {
    const now = performance.now();
    if (mayUseCache && dependencies && now < dependencies.until) return dependencies.read;
    const { rows } = await pool.query<{ id: string; depends_on: string[] }>(DEPENDENCIES);
    const found = new Map(rows.map(({ id, depends_on }) => [id, depends_on]));
    dependencies = { until: now + DEPENDENCIES_FRESH_MS, read: found };
    return found;
  }

  return {
    recent: async () => (performance.now() < nothingUntil ? NOTHING_SUPPRESSED : read(true)),
    now: () => read(false),
  };
}

/**
 * Whether the surface's failure suppresses tickets of the surfaces that depend on it. Only if it gets a ticket itself
 * or is under maintenance: otherwise the downstream outage would be on no ticket at all. An unconfirmed failure counts
 * as the status of its last check.
 */
function suppressesDependents({ status, outcome, severity, in_maintenance, fails }: TroubledSurface): boolean {
  const isDown = status === null ? outcome === 'down' : status === 'DOWN';
  const itsSeverity = isDown ? severity.down : severity.degraded;
  return fails && (in_maintenance || itsSeverity === 'P1' || itsSeverity === 'P2');
}

/**
 * Whether any ticket may be suppressed because of this surface: many that are down at once and need no other suppress none.
 * `needed`: the surfaces on which others depend.
 */
const suppresses = (each: TroubledSurface, needed: ReadonlySet<string>): boolean =>
  each.in_maintenance || (suppressesDependents(each) && needed.has(each.id));

type InOutage = TroubledSurface & { confirmedAt: string };

/** Surfaces with late checks, of which none is under way, are left out: their checks may never show whether they recover. */
const hasOutage = (each: TroubledSurface): each is InOutage =>
  each.fails && each.status !== null && each.confirmedAt !== null;

const pairsOf = ({ id, confirmedAt }: InOutage, dependencies: Dependencies): Upstream[] =>
  [...upstreamOf(id, dependencies)].map((upstream) => ({ id, confirmedAt, upstream }));

/** All surfaces that this one depends on, directly or through others. */
function upstreamOf(surfaceId: string, dependencies: Dependencies): Set<string> {
  const seen = new Set([surfaceId]);
  const toVisit = [...(dependencies.get(surfaceId) ?? [])];
  for (let id = toVisit.pop(); id !== undefined; id = toVisit.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    toVisit.push(...(dependencies.get(id) ?? []));
  }
  seen.delete(surfaceId);
  return seen;
}

/** What suppresses tickets while these surfaces are in trouble. Pure. */
export function suppressionState(
  deps: TroubledSurfaces & {
    dependencies: Dependencies;
    /** See {@link readSettling}. */
    settling: ReadonlySet<string>;
    inShadow: InShadow;
  },
): SuppressionState {
  const { troubled, begun, dependencies, settling, offline, inShadow } = deps;
  const inMaintenance = new Set([...begun, ...troubled.flatMap((each) => (each.in_maintenance ? [each.id] : []))]);
  const suppressing = new Map(troubled.filter(suppressesDependents).map((each) => [each.id, each]));

  /** All surfaces upstream of this one that suppress it, directly or through other surfaces. */
  const suppressingUpstreamOf = (surfaceId: string): TroubledSurface[] =>
    [...upstreamOf(surfaceId, dependencies)].flatMap((id) => suppressing.get(id) ?? []);

  return {
    of(source, surfaceId) {
      // An alert from another sender reached us, so our own connection is not its cause.
      if (offline && source === POLLER_SOURCE) return { held: 'offline', under: [] };
      if (surfaceId === null) return NOT_SUPPRESSED;
      if (inMaintenance.has(surfaceId)) return { held: 'maintenance', under: [] };
      // An outage in shadow mode has no ticket that could list a live alert.
      const isLive = !inShadow(source, surfaceId);
      const found = suppressingUpstreamOf(surfaceId).filter(({ id }) => !(isLive && inShadow(POLLER_SOURCE, id)));
      if (found.length === 0) return settling.has(surfaceId) ? { held: 'dependency', under: [] } : NOT_SUPPRESSED;
      // Only surfaces that are not suppressed themselves have a ticket that can list this alert.
      const under = found.filter(({ id }) => suppressingUpstreamOf(id).length === 0).flatMap(outageAlertKey);
      return { held: 'dependency', under: under.toSorted() };
    },
  };
}

/** The alert key of the surface's outage, once it has raised an alert. */
const outageAlertKey = ({ id, confirmedAt, alerting }: TroubledSurface): string[] =>
  confirmedAt !== null && alerting !== null ? [alertKeyOf(POLLER_SOURCE, outageAlertId(id, confirmedAt))] : [];

const DEPENDENCIES = `
  select id, config->'dependsOn' as depends_on from surfaces
  where removed_at is null and config->'dependsOn' <> '[]'`;
