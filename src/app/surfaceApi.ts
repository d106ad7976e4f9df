import type { Pool } from 'pg';
import { surfaceActor } from '../../machines/shared/actorId.ts';
import type { Deliver } from '../actors/deliver.ts';
import type { Sources } from '../alerts/sources/sources.ts';
import type { Config } from '../config/config.ts';
import type { Listener } from '../db/listen.ts';
import { pageReader } from '../db/pageReader.ts';
import type { Flags } from '../flags/flags.ts';
import type { ConsoleApi } from '../http/consoleApi.ts';
import { memoizeFor } from '../lib/memoizeFor.ts';
import { Problem } from '../lib/problem.ts';
import { readDays } from '../surfaces/days.ts';
import { createInvestigate } from '../surfaces/investigate.ts';
import { watchMaintenance } from '../surfaces/maintenanceClock.ts';
import type { OwnAnswers } from '../surfaces/ownAnswers.ts';
import { readShownStatus } from '../surfaces/shownStatus.ts';
import { countByStatus } from '../surfaces/statusCounts.ts';
import { surfaceStory } from '../surfaces/statusGrid.ts';
import { createStatusGridFeed } from '../surfaces/statusGridFeed.ts';
import { createStatusGridReader } from '../surfaces/statusGridReader.ts';

/** The uptime bars cover days; reading all of them for each request would cost more than the rest of the grid. */
const DAYS_MEMOIZED_MS = 20_000;

/** Pages in the background ask for the counts again and again. */
const COUNTS_MEMOIZED_MS = 2_000;

interface SurfaceApiDeps {
  pool: Pool;
  /** For the page of a surface; the status grid is read once for all its readers. */
  pagePool: Pool;
  config: Config;
  deliver: Deliver;
  sources: Sources;
  flags: Flags;
  listener: Listener;
  ownAnswers: OwnAnswers;
  policy: () => Promise<unknown>;
  subscribe: ConsoleApi['subscribe'];
}

type SurfaceApi = Pick<ConsoleApi, 'statusGrid' | 'statusCounts' | 'watchStatusGrid' | 'surface' | 'investigate'> &
  Pick<ConsoleApi, 'setMaintenance' | 'endMaintenance'>;

/** The status grid, one surface's page, the Investigate button, and maintenance. */
export function createSurfaceApi({
  pool,
  pagePool,
  config,
  deliver,
  sources,
  flags,
  listener,
  ownAnswers,
  policy,
  subscribe,
}: SurfaceApiDeps): SurfaceApi {
  const { pollIntervalSeconds } = config.surfaces;
  const loadDays = memoizeFor(DAYS_MEMOIZED_MS, () => readDays(pool));
  const feed = createStatusGridFeed({
    read: createStatusGridReader({
      pool,
      pollIntervalSeconds,
      loadDays,
      readDaysOf: (ids) => readDays(pool, ids),
    }),
    subscribe: (onChange) => subscribe(({ actors, flags }) => onChange(flags || actors.some(isOnGrid))),
  });
  return {
    statusGrid: feed.grid,
    statusCounts: memoizeFor(COUNTS_MEMOIZED_MS, () => countByStatus(pool, pollIntervalSeconds)),
    watchStatusGrid: feed.watch,
    async surface(id, signal) {
      const silentAfterSeconds = await sources.shownSilentAfter();
      return surfaceStory(pageReader(pagePool, signal), id, { pollIntervalSeconds, silentAfterSeconds });
    },
    investigate: createInvestigate({
      pool,
      deliver,
      listener,
      ownAnswers,
      isEnabled: () => flags.isOn('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS'),
      readAhead: policy,
      statusOf: (surfaceId) => readShownStatus(pool, pollIntervalSeconds, surfaceId),
    }),
    async setMaintenance(surfaceId, { until, reason }, by) {
      await requireSurface(pool, surfaceId);
      const event = { type: 'MAINTENANCE_SET', until: until.toISOString(), reason, by };
      await deliver([{ to: surfaceActor(surfaceId), event }]);
      await watchMaintenance(pool, surfaceId, until);
    },
    async endMaintenance(surfaceId, by) {
      await requireSurface(pool, surfaceId);
      await deliver([{ to: surfaceActor(surfaceId), event: { type: 'MAINTENANCE_ENDED', by } }]);
      await watchMaintenance(pool, surfaceId, null);
    },
  };
}

/** Whether a change of this actor may change the grid. */
const isOnGrid = (actorId: string): boolean => /^(surface|alert|umbrella):/.test(actorId);

async function requireSurface(pool: Pool, surfaceId: string): Promise<void> {
  const { rowCount } = await pool.query('select 1 from surfaces where id = $1 and removed_at is null', [surfaceId]);
  if ((rowCount ?? 0) === 0) throw new Problem('unknown_surface', `There is no surface "${surfaceId}".`);
}
