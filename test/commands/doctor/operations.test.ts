import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Finding } from '../../../src/commands/doctor/finding.ts';
import { checkOperations } from '../../../src/commands/doctor/operations.ts';
import { readConfig } from '../../../src/config/config.ts';
import { parseSurfaces } from '../../../src/surfaces/surfacesFile.ts';
import { syncSurfaces } from '../../../src/surfaces/sync.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';
import { holdForNewer } from '../../support/holdForNewer.ts';
import { type Env, PRODUCTION } from '../../support/settings.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const findingsFor = (env: Env) => checkOperations(database.pool, readConfig(env));
const reconcilerFinding = async (env: Env = {}) => (await findingsFor(env)).find(({ check }) => check === 'reconciler');
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

it('in production a reconciler that has never run needs a process for the work, which is started by itself', async () => {
  await watchSurface();
  expect(await reconcilerFinding(PRODUCTION)).toMatchObject({
    state: 'WARN',
    says: 'It has never run: start "auto-ticketing worker".',
  });
});

it('a reconciler that ran recently is ok, with its duration', async () => {
  await watchSurface();
  await recordRun(40, 'looked');
  expect(await reconcilerFinding()).toMatchObject({
    state: 'ok',
    says: expect.stringMatching(/^It ran [4-9]\d s ago in 12 ms\.$/),
  });
});

it.each(['cut_short', 'failing', 'failed', 'not_configured'])(
  'a run in production that could not compare FreeScout (%s) is a warning and says so',
  async (desk) => {
    await recordRun(40, desk);
    expect(await reconcilerFinding(PRODUCTION)).toMatchObject({
      state: 'WARN',
      says: expect.stringContaining(`, without a full comparison with FreeScout (${desk})`),
    });
  },
);

it('a run in a sandbox, whose FreeScout no command knows, is ok', async () => {
  await recordRun(40, 'not_configured');
  expect(await reconcilerFinding()).toMatchObject({ state: 'ok' });
});

it('a reconciler that missed more than one of its turns is a warning', async () => {
  await recordRun(80, 'looked');
  expect(await reconcilerFinding()).toMatchObject({ state: 'ok' });
  await recordRun(157, 'looked');
  expect(await reconcilerFinding()).toMatchObject({
    state: 'WARN',
    says: expect.stringMatching(/^It has not run for 1[5-9]\d s: start a worker/),
  });
});

it('a surfaces file without a watched surface is a warning', async () => {
  const checks = async (env: Env) => (await findingsFor(env)).find(({ check }) => check === 'checks');
  expect(await checks({})).toMatchObject({ state: 'ok' });
  expect(await checks({ SURFACES_FILE: 'surfaces.yaml' })).toMatchObject({
    state: 'WARN',
    says: expect.stringContaining('start a worker'),
  });
});

it('a flag that is off is a warning that says where to turn it on', async () => {
  const flag = (findings: Finding[]) => findings.find(({ check }) => check === 'FLAG_CONSOLE_ALERTS_AUTO_TICKET');
  expect(flag(await findingsFor({}))).toMatchObject({ state: 'ok' });
  expect(flag(await findingsFor(PRODUCTION))).toEqual({
    check: 'FLAG_CONSOLE_ALERTS_AUTO_TICKET',
    state: 'WARN',
    says: 'Off, by default: no alert gets a ticket. An admin can turn it on at /console/flags.',
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

it('what waits for a process of a newer release is a warning that names it', async () => {
  const finding = async () => (await findingsFor({})).find(({ check }) => check === 'newer release');
  expect(await finding()).toMatchObject({ state: 'ok' });
  await holdForNewer(database.pool);
  expect(await finding()).toMatchObject({
    state: 'WARN',
    says: expect.stringMatching(/^1 actor of a newer release \(alert 9999\) waits for a process of that release\./),
  });
});
