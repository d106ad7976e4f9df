import { expect, it, onTestFinished } from 'vitest';
import { isMigrated } from '../../src/db/migrate.ts';
import { createTestDatabase } from '../support/db.ts';
import { startPgBouncer } from '../support/pgbouncer.ts';
import { run } from './run.ts';

async function emptyDatabase() {
  const database = await createTestDatabase({ empty: true });
  onTestFinished(() => database.drop());
  return database;
}

it('migrate creates the schema in an empty database and prints the steps', async () => {
  const { url, pool } = await emptyDatabase();
  const { out, failure } = await run(['migrate'], { DATABASE_URL: url });
  expect(failure).toBeNull();
  expect(out.join()).toMatch(/^The database was migrated: 0001_actors, /);
  expect(await isMigrated(pool)).toBe(true);
});

it('migrate does nothing on a database that is up to date', async () => {
  const { url } = await emptyDatabase();
  await run(['migrate'], { DATABASE_URL: url });
  expect(await run(['migrate'], { DATABASE_URL: url })).toMatchObject({
    out: ['The database is up to date.'],
    failure: null,
  });
});

it('migrate in production needs only DATABASE_URL', async () => {
  const { url, pool } = await emptyDatabase();
  expect(await run(['migrate'], { NODE_ENV: 'production', DATABASE_URL: url })).toMatchObject({ failure: null });
  expect(await isMigrated(pool)).toBe(true);
});

it('migrate in production fails without DATABASE_URL', async () => {
  const { failure } = await run(['migrate'], { NODE_ENV: 'production' });
  expect(failure).toMatch(/DATABASE_URL is not set, and production requires it/);
});

it('migrate reports a database that cannot be reached without its password', async () => {
  const { failure, out } = await run(['migrate'], { DATABASE_URL: 'postgres://console:geheim@127.0.0.1:1/tickets' });
  expect(failure).toBe(
    'The database tickets at 127.0.0.1:1 cannot be reached (ECONNREFUSED): check DATABASE_URL, and that the server runs.',
  );
  expect(out).toEqual([]);
});

it('migrate is refused through a pooler in transaction mode, which would keep its lock', async () => {
  const { url, pool } = await emptyDatabase();
  const pooler = await startPgBouncer(url, 'extra_float_digits,options');
  onTestFinished(pooler.stop);
  expect((await run(['migrate'], { DATABASE_URL: pooler.url })).failure).toMatch(/set DATABASE_DIRECT_URL to/);
  for (const setting of ['DATABASE_DIRECT_URL', 'DATABASE_OWNER_URL']) {
    const { failure } = await run(['migrate'], { DATABASE_URL: url, [setting]: pooler.url });
    expect(failure).toMatch(new RegExp(`^${setting} leads to a connection pooler .*: set it`));
  }
  expect(await isMigrated(pool)).toBe(false);
});

it('migrate names the setting whose address cannot be reached, and migrates nothing before all of them work', async () => {
  const { url, pool } = await emptyDatabase();
  const settings = { DATABASE_URL: url, DATABASE_OWNER_URL: 'postgres://owner:geheim@127.0.0.1:1/tickets' };
  const { failure } = await run(['migrate'], settings);
  expect(failure).toMatch(/cannot be reached \(ECONNREFUSED\): check DATABASE_OWNER_URL/);
  expect(failure).not.toContain('geheim');
  expect(await isMigrated(pool)).toBe(false);
  const reader = { DATABASE_URL: url, DATABASE_OWNER_URL: url, DATABASE_READER_URL: settings.DATABASE_OWNER_URL };
  expect((await run(['migrate'], reader)).failure).toMatch(/check DATABASE_READER_URL/);
  const direct = { DATABASE_URL: url, DATABASE_DIRECT_URL: settings.DATABASE_OWNER_URL };
  expect((await run(['migrate'], direct)).failure).toMatch(/check DATABASE_DIRECT_URL,/);
  expect((await run(['migrate'], { ...direct, DATABASE_OWNER_URL: url })).failure).toMatch(
    /check DATABASE_DIRECT_URL,/,
  );
  expect(await isMigrated(pool)).toBe(false);
});

it('migrate reports a wrong password without quoting it', async () => {
  const { url } = await emptyDatabase();
  const wrong = new URL(url);
  wrong.password = 'guess';
  const { failure } = await run(['migrate'], { DATABASE_URL: wrong.href });
  expect(failure).toMatch(/refuses the user or the password of DATABASE_URL/);
  expect(failure).not.toContain('guess');
});
