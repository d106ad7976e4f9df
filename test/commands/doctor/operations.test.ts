import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkOperations } from '../../../src/commands/doctor/operations.ts';
import { readConfig } from '../../../src/config/config.ts';
import { parseSurfaces } from '../../../src/surfaces/surfacesFile.ts';
import { syncSurfaces } from '../../../src/surfaces/sync.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const reconcilerFinding = async () => {
  const findings = await checkOperations(database.pool, readConfig({}));
  return findings.find(({ check }) => check === 'reconciler');
};
const watchSurface = () =>
  syncSurfaces(
    database.pool,
    parseSurfaces(JSON.stringify({ surfaces: [{ id: 'web', name: 'Web', url: 'http://127.0.0.1:9/' }] }), 'test'),
  );
const recordRun = (secondsAgo: number, desk: string) =>
  database.pool.query(
    "update reconcile_run set ran_at = clock_timestamp() - $1 * interval '1 second', took_ms = 12, desk = $2",
    [secondsAgo, desk],
  );
const addFinding = (subject: string, kind = 'twin') =>
  database.pool.query("insert into reconcile_findings (kind, subject, details) values ($1, $2, '{}')", [kind, subject]);

it('a reconciler that has never run is a warning only if surfaces are watched', async () => {
  expect(await reconcilerFinding()).toMatchObject({ state: 'ok', says: 'It has never run.' });
  await watchSurface();
  expect(await reconcilerFinding()).toMatchObject({
    state: 'WARN',
    says: 'It has never run: start a worker ("auto-ticketing worker" or "npm start").',
  });
});

it('a reconciler that ran recently is ok, with its duration', async () => {
  await watchSurface();
  await recordRun(40, 'looked');
  expect(await reconcilerFinding()).toMatchObject({
    state: 'ok',
    says: expect.stringMatching(/^It ran 4\d s ago in 12 ms\.$/),
  });
});

it.each(['cut_short', 'failing', 'failed', 'not_configured'])(
  'a run that could not compare FreeScout (%s) is ok and says so',
  async (desk) => {
    await recordRun(40, desk);
    expect(await reconcilerFinding()).toMatchObject({
      state: 'ok',
      says: expect.stringContaining(`, without a full comparison with FreeScout (${desk}).`),
    });
  },
);

it('a reconciler that has not run for five minutes is a warning', async () => {
  await recordRun(240, 'looked');
  expect(await reconcilerFinding()).toMatchObject({ state: 'ok' });
  await recordRun(320, 'looked');
  expect(await reconcilerFinding()).toMatchObject({
    state: 'WARN',
    says: expect.stringMatching(/^It has not run for 3[2-9]\d s: start a worker/),
  });
});

it('duplicate tickets are a warning until they are settled', async () => {
  await recordRun(320, 'looked');
  await addFinding('7');
  expect(await reconcilerFinding()).toMatchObject({
    state: 'WARN',
    says: '1 duplicate ticket in FreeScout: see /console/reconcile.',
  });
  await addFinding('8');
  // Restored tags need no attention.
  await addFinding('9', 'untagged');
  expect((await reconcilerFinding())?.says).toBe('2 duplicate tickets in FreeScout: see /console/reconcile.');
  await database.pool.query('update reconcile_findings set settled_at = now()');
  expect((await reconcilerFinding())?.says).toContain('It has not run for');
});
