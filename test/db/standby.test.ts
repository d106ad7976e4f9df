import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isDatabaseUnreachable } from '../../src/db/databaseGone.ts';
import { keepConnected } from '../../src/db/keepConnected.ts';
import { withFleetLock } from '../../src/db/lock.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import type { EmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';
import { type RestartableDatabase, startRestartableDatabase } from '../faults/database.ts';
import { startStandby } from '../faults/standby.ts';

/** The address of the database leads to a standby for some seconds, as after a failover. */

let dir: string;
let primary: RestartableDatabase;
let standby: EmbeddedPostgres;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-standby-'));
  // Postgres may run as another user, which must be able to enter its folder in this one.
  await chmod(dir, 0o711);
  primary = await startRestartableDatabase(join(dir, 'primary'));
  standby = await startStandby(primary.url, join(dir, 'standby'));
});
afterAll(async () => {
  await standby.stop();
  await primary.stop();
  await rm(dir, { recursive: true, force: true });
});

const silent = createLog({ level: 'silent' });

it('no session is opened on a standby but for reading, and a lasting connection waits until it is promoted', async () => {
  const pool = createPool(standby.url, 2, silent);
  const refusal = await pool.query('select 1').catch((error: unknown) => error);
  expect(String(refusal)).toContain('the server is a standby');
  expect(isDatabaseUnreachable(refusal)).toBe(true);
  await expect(withFleetLock(standby.url, 'work', async () => 'done')).rejects.toThrow('the server is a standby');

  const reader = createPool(standby.url, 1, silent, { mayBeStandby: true });
  expect((await reader.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await reader.end();

  const events: string[] = [];
  const log = createLog({
    level: 'debug',
    destination: { write: (line: string) => void events.push(JSON.parse(line).err?.message) },
  });
  const kept = keepConnected({
    ...{ databaseUrl: standby.url, name: 'kept', log },
    prepare: (client) => client.query('select 1'),
    onUp: () => void events.push('up'),
  });
  await expect.poll(() => events).toContain('the server is a standby');
  expect(events).not.toContain('up');
  const client = new pg.Client({ connectionString: standby.url });
  await client.connect();
  await client.query('select pg_promote(true, 60)');
  await client.end();
  await expect.poll(() => events).toContain('up');
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await kept.stop();
  await pool.end();
});
