import { expect, it, onTestFinished, vi } from 'vitest';
import { startWorkers } from '../../src/actors/jobs.ts';
import { UNWATCHED } from '../../src/db/databaseClock.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';

const READ_ONLY = 'cannot execute INSERT in a read-only transaction';

it('job workers that start on a standby which is just becoming the primary take jobs once it is', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  await database.pool.query(`
    create function public.refuse() returns trigger language plpgsql as $$ begin raise exception '${READ_ONLY}'; end $$;
    create trigger refuse before insert on graphile_worker._private_tasks execute function public.refuse()`);
  const refused = vi.fn();
  const log = createLog({
    level: 'debug',
    destination: { write: (line: string) => void (line.includes(READ_ONLY) && refused()) },
  });
  const pool = createPool(database.url, 4, log);
  onTestFinished(() => pool.end());
  const work = vi.fn(async () => undefined);
  const tasks = { work };
  const workers = startWorkers({ pool, databaseUrl: database.url, clock: UNWATCHED, tasks, concurrency: 2, log });
  onTestFinished(() => workers.stop());

  await eventually(() => expect(refused).toHaveBeenCalled());
  await database.pool.query('drop trigger refuse on graphile_worker._private_tasks');
  await database.pool.query("select graphile_worker.add_job('work')");
  await eventually(() => expect(work).toHaveBeenCalledTimes(1));
});
