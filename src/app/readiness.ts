import type { Pool } from 'pg';
import { schemaState } from '../db/schemaState.ts';
import type { ConsoleApi } from '../http/consoleApi.ts';
import type { Poller } from '../surfaces/poller.ts';

/** Whether this process can serve: its database is migrated, and its poller, if it has one, has completed a cycle. */
export const createReadiness =
  (pool: Pool, poller: Poller | null): ConsoleApi['readiness'] =>
  async () => {
    const database = await schemaState(pool).catch(() => 'unreachable');
    const checks: Record<string, string> = { database };
    if (poller) checks.poller = poller.hasCompletedACycle() ? 'ok' : 'no cycle completed yet';
    return { ready: Object.values(checks).every((state) => state === 'ok'), checks };
  };
