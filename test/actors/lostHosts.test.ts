import type pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startWorkers, type Tasks, type Workers } from '../../src/actors/jobs.ts';
import { UNWATCHED } from '../../src/db/databaseClock.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';
import { startTcpRelay, type TcpRelay } from '../support/tcpRelay.ts';

const log = createLog({ level: 'silent' });
let database: TestDatabase;
let relay: TcpRelay;
let running: { workers: Workers; pool: pg.Pool }[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await relay.stop();
  await Promise.all(
    running.map(async ({ workers, pool }) => {
      await workers.stop();
      await pool.end();
    }),
  );
  running = [];
  await database.pool.query('delete from graphile_worker._private_jobs');
});
afterAll(() => database.drop());

function startHost(tasks: Tasks, { pool: poolUrl = database.url, liveness = database.url } = {}): void {
  const pool = createPool(poolUrl, 4, log);
  const workers = startWorkers({ pool, databaseUrl: liveness, clock: UNWATCHED, tasks, concurrency: 1, log });
  running.push({ pool, workers });
}

const add = (task: string) => database.pool.query('select graphile_worker.add_job($1)', [task]);

it('the jobs of a host that vanished without closing a connection are taken over', async () => {
  relay = await startTcpRelay(database.url);
  let end: () => void = () => undefined;
  const begun = vi.fn(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  startHost({ work: begun }, { pool: relay.url, liveness: relay.url });
  await add('work');
  await eventually(() => expect(begun).toHaveBeenCalled());

  relay.blockNew(true);
  relay.freeze();
  const takenOver = vi.fn(async () => undefined);
  startHost({ work: takenOver });
  await eventually(() => expect(takenOver).toHaveBeenCalledTimes(1));
  end();
});
