import { expect, it, onTestFinished } from 'vitest';
import { isMigrated } from '../../src/db/migrate.ts';
import { createTestDatabase } from '../support/db.ts';
import { run } from './run.ts';

async function emptyDatabase() {
  const database = await createTestDatabase({ empty: true });
  onTestFinished(() => database.drop());
  return database;
}

it('brings an empty database to the schema and says which steps it took', async () => {
  const { url, pool } = await emptyDatabase();
  const { out, failure } = await run(['migrate'], { DATABASE_URL: url });
  expect(failure).toBeNull();
  expect(out.join()).toMatch(/^The database is migrated: 0001_actors, /);
  expect(await isMigrated(pool)).toBe(true);
});

it('does nothing the second time, and says so', async () => {
  const { url } = await emptyDatabase();
  await run(['migrate'], { DATABASE_URL: url });
  expect(await run(['migrate'], { DATABASE_URL: url })).toMatchObject({
    out: ['The database has this schema already; nothing was done.'],
    failure: null,
  });
});

it('needs nothing but the database in production', async () => {
  const { url, pool } = await emptyDatabase();
  expect(await run(['migrate'], { NODE_ENV: 'production', DATABASE_URL: url })).toMatchObject({ failure: null });
  expect(await isMigrated(pool)).toBe(true);
});

it('has no database of its own in production', async () => {
  const { failure } = await run(['migrate'], { NODE_ENV: 'production' });
  expect(failure).toMatch(/DATABASE_URL is not set, and production requires it/);
});

it('says in a sentence that the database cannot be reached, without its password', async () => {
  const { failure, out } = await run(['migrate'], { DATABASE_URL: 'postgres://console:geheim@127.0.0.1:1/tickets' });
  expect(failure).toBe(
    'The database tickets at 127.0.0.1:1 cannot be reached (ECONNREFUSED): check DATABASE_URL, and that the server runs.',
  );
  expect(out).toEqual([]);
});

it('says that the password is wrong', async () => {
  const { url } = await emptyDatabase();
  const wrong = new URL(url);
  wrong.password = 'guess';
  const { failure } = await run(['migrate'], { DATABASE_URL: wrong.href });
  expect(failure).toMatch(/refuses the user or the password of DATABASE_URL/);
  expect(failure).not.toContain('guess');
});
