import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkOperations } from '../../../src/commands/doctor/standing.ts';
import { readConfig } from '../../../src/config/config.ts';
import { parseSurfaces } from '../../../src/surfaces/surfacesFile.ts';
import { syncSurfaces } from '../../../src/surfaces/sync.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const line = async () => {
  const findings = await checkOperations(database.pool, readConfig({}));
  return findings.find(({ check }) => check === 'reconciler');
};
const watch = () =>
  syncSurfaces(
    database.pool,
    parseSurfaces(JSON.stringify({ surfaces: [{ id: 'web', name: 'Web', url: 'http://127.0.0.1:9/' }] }), 'test'),
  );
const ran = (secondsAgo: number, desk: string) =>
  database.pool.query(
    "update reconcile_run set ran_at = clock_timestamp() - $1 * interval '1 second', took_ms = 12, desk = $2",
    [secondsAgo, desk],
  );
const twin = (subject: string, kind = 'twin') =>
  database.pool.query("insert into reconcile_findings (kind, subject, details) values ($1, $2, '{}')", [kind, subject]);

it('a reconciler that has never run is a fault only where surfaces are watched', async () => {
  expect(await line()).toMatchObject({ state: 'ok', says: 'It has never run.' });
  await watch();
  expect(await line()).toMatchObject({
    state: 'WARN',
    says: 'It has never run: a worker has to run ("auto-ticketing worker" or "npm start").',
  });
});

it('one that ran lately is well, and its time is told', async () => {
  await watch();
  await ran(40, 'looked');
  expect(await line()).toMatchObject({ state: 'ok', says: expect.stringMatching(/^It ran 4\d s ago in 12 ms\.$/) });
});

it.each(['cut_short', 'failing', 'failed', 'not_configured'])(
  'a run that saw FreeScout as %s says so',
  async (desk) => {
    await ran(40, desk);
    expect(await line()).toMatchObject({
      state: 'ok',
      says: expect.stringContaining(`, and FreeScout was not compared as a whole (${desk}).`),
    });
  },
);

it('one that has missed several minutes wants a worker, watched or not', async () => {
  await ran(240, 'looked');
  expect(await line()).toMatchObject({ state: 'ok' });
  await ran(320, 'looked');
  expect(await line()).toMatchObject({
    state: 'WARN',
    says: expect.stringMatching(/^It has not run for 3[2-9]\d s: a worker has to run/),
  });
});

it('two tickets for one go first, until one of them is closed', async () => {
  await ran(320, 'looked');
  await twin('7');
  expect(await line()).toMatchObject({
    state: 'WARN',
    says: '1 ticket stands twice in FreeScout: see /console/reconcile.',
  });
  await twin('8');
  // Tags that were put back concern nobody here.
  await twin('9', 'untagged');
  expect((await line())?.says).toBe('2 tickets stand twice in FreeScout: see /console/reconcile.');
  await database.pool.query('update reconcile_findings set settled_at = now()');
  expect((await line())?.says).toContain('It has not run for');
});
