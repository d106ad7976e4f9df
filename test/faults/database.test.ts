import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startRestartableDatabase } from './database.ts';

test('a standby takes over with every confirmed row, and so does the standby of that one', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-failover-'));
  // Postgres may run as another user, which must be able to enter its folder in this one.
  await chmod(dir, 0o711);
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const database = await startRestartableDatabase(join(dir, 'postgres'));
  onTestFinished(() => database.stop());
  await database.rows('create table confirmed (n int)');
  const urls = [database.url];
  for (const n of [1, 2]) {
    await database.addStandby();
    await database.rows('insert into confirmed values ($1)', [n]);
    await database.failOver();
    urls.push(database.url);
  }
  expect(await database.rows('select n from confirmed order by n')).toEqual([{ n: 1 }, { n: 2 }]);
  expect(new Set(urls).size).toBe(3);
  await database.rows('insert into confirmed values (3)');
});
