// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the file refers to variables in this form
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { Known } from '../../src/alerts/lastSeen.ts';
import { createSurfacePoller, followSandboxSurfaces, loadSurfaces } from '../../src/app/surfaceChecks.ts';
import { createLog } from '../../src/log/log.ts';
import { createNames } from '../../src/net/names.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
// The newest surfaces file stays in force, so each test has a database of its own.
beforeEach(async () => {
  environment = await startEnvironment();
});
afterEach(() => environment.close());

/** An address that answers checks with these HTTP statuses in turn. */
async function startTarget(...statuses: number[]): Promise<{ url: string; close(): void }> {
  let asked = 0;
  const server = createServer((_, response) => response.writeHead(statuses[asked++ % statuses.length] ?? 500).end());
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** The poller of this program, with other parts where they are given. */
function startPoller(
  { deliver, sources, lastSeen, metrics }: ReturnType<typeof environment.process>,
  pollIntervalSeconds: number,
  parts: Partial<Parameters<typeof createSurfacePoller>[0]> = {},
) {
  const { config, pool } = environment;
  const poller = createSurfacePoller({
    pool,
    deliver,
    sources,
    lastSeen,
    metrics,
    names: createNames(),
    config: { ...config, surfaces: { ...config.surfaces, allowPrivate: true, pollIntervalSeconds } },
    log: createLog({ level: 'silent' }),
    ...parts,
  });
  poller.start();
  return poller;
}

it('when the alert of an outage is stored, the time of its emission is stored too, and checks carry the flapping limit', async () => {
  const program = environment.process();
  const target = await startTarget(500);
  await environment.surfaces({ id: 'api', url: target.url, failures_to_open: 1 });
  const told: object[] = [];
  let letGo: () => void = () => undefined;
  const blocked = new Promise<Known>((resolve) => {
    letGo = () => resolve({ silent: [], newer: new Map() });
  });
  const poller = startPoller(program, 1, {
    deliver(messages, ...more) {
      told.push(...messages.map(({ event }) => event));
      return program.deliver(messages, ...more);
    },
    // Without the write in the transaction of the delivery, no time would be stored while the test runs.
    lastSeen: { ...program.lastSeen, recordSeen: () => blocked },
  });
  onTestFinished(async () => {
    letGo();
    await poller.stop();
    target.close();
  });
  const alertKeys = async () =>
    (await environment.pool.query<{ key: string }>("select substr(id, 7) as key from actors where kind = 'alert'"))
      .rows;
  const [alert] = await eventually(async () => {
    const found = await alertKeys();
    expect(found).toHaveLength(1);
    return found;
  });
  const { rows } = await environment.pool.query('select alert_key as key from alert_sightings');
  expect(rows).toEqual([alert]);
  // The limit of the settings for flapping surfaces.
  const flap = { maxOutages: 3, windowMs: 3_600_000 };
  expect(told).toContainEqual(expect.objectContaining({ type: 'CHECKED', flap }));
});

/** Sixteen checks of a server that answers 500, 500, 200, 200 again and again, as fast as they can be recorded. */
async function flap(program = environment.process()): Promise<void> {
  const target = await startTarget(500, 500, 200, 200);
  await environment.surfaces({ id: 'flappy', url: target.url });
  const poller = startPoller(program, 3_600);
  onTestFinished(async () => {
    await poller.stop();
    target.close();
  });
  const checks = async () => (await environment.pool.query('select count(*)::int as n from checks')).rows[0]?.n;
  for (let n = 1; n <= 16; n += 1) {
    await eventually(async () => expect(await checks()).toBe(n));
    // The next check is due at once instead of in an hour.
    await environment.pool.query('update surfaces set next_check_at = clock_timestamp()');
  }
  await environment.settled();
}

it('a server that answers 500, 500, 200, 200 again and again has three tickets, and the last one is flapping', async () => {
  await flap();
  expect(environment.tickets().map(({ subject }) => subject)).toEqual(
    Array(3).fill(expect.stringContaining('flappy is DOWN')),
  );
  const { rows } = await environment.pool.query(
    "select snapshot->'context'->'flapping' as flapping from actors where kind = 'alert' order by created_at",
  );
  expect(rows.map(({ flapping }) => flapping)).toEqual([false, false, true]);
});

it('with REOPEN_WITHIN_MINUTES, a server that goes down again within that time keeps its one ticket', async () => {
  await flap(environment.process({ reopenWithinMinutes: 60 }));
  expect(environment.tickets().map(({ subject }) => subject)).toEqual([expect.stringContaining('flappy is DOWN')]);
});

it('loading a file warns of each surface that refers to variables which are not set', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-surfaces-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'surfaces.yaml');
  const entry = (id: string, header: string) => ({
    id,
    name: id,
    url: 'http://127.0.0.1:9/',
    headers: { Key: header },
  });
  await writeFile(file, JSON.stringify({ surfaces: [entry('api', '${API_KEY}'), entry('web', '${WEB_KEY}')] }));
  const warned: object[] = [];
  const config = { ...environment.config, surfaces: { ...environment.config.surfaces, file } };
  const log = Object.assign(createLog({ level: 'silent' }), { warn: (fields: object) => void warned.push(fields) });
  await loadSurfaces(environment.pool, { config, surfaces: null }, log, { WEB_KEY: 'secret' });
  expect(warned).toEqual([{ surface_id: 'api', variables: ['API_KEY'] }]);
});

it('a file that comes back after another one was in force is a warning, and so is one that is older', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-surfaces-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'surfaces.yaml');
  const warned: string[] = [];
  const log = Object.assign(createLog({ level: 'silent' }), {
    warn: (_: object, line: string) => void warned.push(line),
  });
  const config = { ...environment.config, surfaces: { ...environment.config.surfaces, file } };
  const load = async (id: string, modifiedAt: string) => {
    await writeFile(file, JSON.stringify({ surfaces: [{ id, name: id, url: 'http://127.0.0.1:9/' }] }));
    await utimes(file, new Date(modifiedAt), new Date(modifiedAt));
    await loadSurfaces(environment.pool, { config, surfaces: null }, log, {});
    return warned.splice(0);
  };
  expect(await load('first', '2026-05-04')).toEqual([]);
  expect(await load('second', '2026-05-05')).toEqual([]);
  expect(await load('second', '2026-05-06')).toEqual([]);
  expect(await load('first', '2026-05-04')).toEqual([expect.stringContaining('older than the one in force')]);
  expect(await load('first', '2026-05-07')).toEqual([expect.stringContaining('is in force again')]);
});

it('when the address of a sandbox service changes, the last address is stored', async () => {
  let url = 'http://127.0.0.1:9/';
  let changed: () => void = () => undefined;
  const surfaces = {
    text: () => JSON.stringify({ surfaces: [{ id: 'demo', name: 'Demo', url }] }),
    onChange: (listener: () => void) => {
      changed = listener;
    },
  };
  const { config, pool } = environment;
  const databaseUrl = environment.url;
  followSandboxSurfaces(
    pool,
    { config, databaseUrl, surfaces, customers: [], pages: [] },
    createLog({ level: 'silent' }),
  );
  for (const host of ['a', 'b', 'service']) {
    url = `http://${host}.invalid/`;
    changed();
  }
  await eventually(async () => {
    const { rows } = await pool.query("select config->>'url' as url from surfaces where id = 'demo'");
    expect(rows).toEqual([{ url: 'http://service.invalid/' }]);
  });
});

it('the recipients of the newest file are in force, and an older file does not replace them', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-recipients-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'surfaces.yaml');
  const config = { ...environment.config, surfaces: { ...environment.config.surfaces, file } };
  const log = createLog({ level: 'silent' });
  const load = async (revision: number, parts: object) => {
    await writeFile(file, JSON.stringify({ revision, surfaces: [], ...parts }));
    await loadSurfaces(environment.pool, { config, surfaces: null }, log, {});
    return (await environment.pool.query('select kind, config from notification_rules order by kind desc, position'))
      .rows;
  };
  const channel = { kind: 'notify', config: { to: ['C0ALL'] } };
  const second = { kind: 'escalation', config: { afterMinutes: 15, to: ['U0SECOND'] } };
  const newest = { notify: [{ to: ['C0ALL'] }], escalation: [{ after_minutes: 15, to: ['U0SECOND'] }] };
  expect(await load(2, newest)).toEqual([channel, second]);
  expect(await load(1, { notify: [{ to: ['C0OLD'] }] })).toEqual([channel, second]);
  expect(await load(3, { notify: [{ to: ['C0ALL'] }] })).toEqual([channel]);
});
