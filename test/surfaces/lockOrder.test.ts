import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { recordChecks } from '../../src/surfaces/checks.ts';
import { keepMaintenance } from '../../src/surfaces/maintenanceClock.ts';
import { recheckUpstream } from '../../src/surfaces/recheckUpstream.ts';
import { createSchedule } from '../../src/surfaces/schedule.ts';
import { parseSurfaces } from '../../src/surfaces/surfacesFile.ts';
import { syncSurfaces } from '../../src/surfaces/sync.ts';
import { startEnvironment } from '../support/environment.ts';
import { WAIT_TIMEOUT_MS } from '../support/waitTimeout.ts';

const COUNT = 150;
const ROUNDS = 8;

let environment: Awaited<ReturnType<typeof startEnvironment>>;
beforeAll(async () => {
  environment = await startEnvironment();
});
afterAll(() => environment.close());

const ids = Array.from({ length: COUNT }, (_, n) => `s-${n}`);
/** The same ids, in another order for each seed. */
const shuffled = (seed: number) => ids.toSorted((a, b) => rank(a, seed) - rank(b, seed));
const rank = (id: string, seed: number) => (Number(id.slice(2)) * (2 * seed + 31)) % 151;

it('processes that change the same surfaces in different orders never deadlock', async () => {
  // No wait for a lock is too long here: on a busy machine the last of many is long, and no deadlock.
  const pool = createPool(environment.url, 10, createLog({ level: 'silent' }), { connectMs: WAIT_TIMEOUT_MS });
  onTestFinished(() => pool.end());
  pool.on('connect', (client) => void client.query("set lock_timeout = '60s'; set statement_timeout = '60s'"));
  const listed = (order: string[]) => {
    const surfaces = order.map((id, n) => ({
      ...{ id, name: `${id} ${n}`, url: 'http://127.0.0.1:9/' },
      depends_on: id === 's-0' ? [] : ['s-0'],
    }));
    return syncSurfaces(pool, parseSurfaces(JSON.stringify({ surfaces }), 'test'));
  };
  await listed(ids);
  const schedule = createSchedule(pool, 1);
  const config = (await pool.query("select config from surfaces where id = 's-0'")).rows[0].config;
  const asChecked = (order: string[]) =>
    order.map((id) => ({
      surface: { id, config, claimed_at: new Date() },
      check: { surfaceId: id, at: new Date(), outcome: 'up' as const, latencyMs: 1, httpStatus: 200, error: null },
    }));
  const works: ((seed: number) => Promise<unknown>)[] = [
    (seed) =>
      recordChecks(
        pool,
        asChecked(shuffled(seed)).map(({ check }) => check),
      ),
    (seed) =>
      recordChecks(
        pool,
        asChecked(shuffled(seed + 1)).map(({ check }) => check),
      ),
    (seed) => schedule.reschedule(asChecked(shuffled(seed + 2))),
    (seed) => schedule.reschedule(asChecked(shuffled(seed + 3))),
    (seed) => listed(shuffled(seed + 4)),
    (seed) => recheckUpstream(pool, { ids: shuffled(seed + 5), since: new Date() }),
    () => schedule.claim({ any: COUNT, unresponsive: COUNT }, []),
    (seed) => schedule.handBack(shuffled(seed + 6)),
    () => schedule.advanceLate(),
    () => keepMaintenance(pool, async () => [], createLog({ level: 'silent' })),
  ];
  const repeat = async (work: (seed: number) => Promise<unknown>, first: number) => {
    for (let n = 0; n < ROUNDS; n++) await work(first + 11 * n);
  };
  const ended = await Promise.allSettled(works.map(repeat));
  expect(ended.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []))).toEqual([]);
});
