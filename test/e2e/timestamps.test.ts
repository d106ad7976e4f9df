import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startApp } from '../../src/app/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';

const ADMIN = 'api-token-of-an-admin-0123456789';
const SENDER = 'ingest-token-of-a-sender-0123456789';

/** The program with a surface that is down. */
async function startWithFailingSurface() {
  const [database, folder] = await Promise.all([createTestDatabase(), mkdtemp(join(tmpdir(), 'timestamps-'))]);
  const file = join(folder, 'surfaces.yaml');
  // Nothing listens on port 9.
  await writeFile(file, JSON.stringify({ surfaces: [{ id: 'api', name: 'API', url: 'http://127.0.0.1:9/' }] }));
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: database.url,
    SURFACES_FILE: file,
    POLL_INTERVAL_SECONDS: '1',
    CONSOLE_API_TOKENS: `ops:admin:${ADMIN}`,
    INGEST_TOKENS: `prometheus:${SENDER}`,
  });
  const app = await startApp({ config, role: 'all', log: createLog({ level: 'silent' }) });
  onTestFinished(async () => {
    await app.stop();
    await database.drop();
    await rm(folder, { recursive: true });
  });
  return async (path: string, token = ADMIN, body?: object): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(app.url + path, { headers, ...sent });
    if (!response.ok) throw new Error(`${path}: status ${response.status}, ${await response.text()}`);
    return response.json();
  };
}

/** Texts that begin with a date and a time, each with its path. */
function* timesIn(value: unknown, path: string): Generator<{ path: string; time: string }> {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d[T ]/.test(value)) yield { path, time: value };
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) yield* timesIn(inner, `${path}.${name}`);
}

it('every time in an answer is UTC with milliseconds', async () => {
  const request = await startWithFailingSurface();
  const alert = {
    alert_id: 'disk',
    severity: 'P1',
    status: 'firing',
    title: 'Disk',
    starts_at: '2026-01-05T06:07:08Z',
  };
  await request('/api/alerts', SENDER, { source: 'prometheus', alerts: [alert] });
  const until = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
  await request('/console/silences', ADMIN, { matchers: { source: 'grafana' }, until, reason: 'new disks' });
  await request('/console/flags/FLAG_CONSOLE_INVESTIGATE_FROM_STATUS', ADMIN, { enabled: false });
  await eventually(async () => expect(await request('/console/status')).toMatchObject({ counts: { DOWN: 1 } }));
  await request('/console/surfaces/api/maintenance', ADMIN, { until, reason: 'new disks' });

  const names = [
    'status',
    'surfaces/api',
    'alerts',
    'alerts/prometheus%3Adisk',
    'silences',
    'sources',
    'weekly',
    'flags',
  ];
  const more = ['audit', 'inspect/actors', 'inspect/actors/surface%3Aapi', 'dead-letters', 'reconcile', 'refusals'];
  const times: { path: string; time: string }[] = [];
  for (const name of [...names, ...more]) times.push(...timesIn(await request(`/console/${name}`), name));
  expect(times.length).toBeGreaterThan(40);
  expect(times.filter(({ time }) => !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time))).toEqual([]);
});
