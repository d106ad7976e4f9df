import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { syncSources } from '../../src/alerts/sources/sources.ts';
import { storeRequest } from '../../src/alerts/webhooks/store.ts';
import { recordChecks } from '../../src/surfaces/checks.ts';
import { parseSurfacesFile } from '../../src/surfaces/surfacesFile.ts';
import { syncSurfaces } from '../../src/surfaces/sync.ts';
import { run } from '../commands/run.ts';
import { createTestDatabase } from '../support/db.ts';
import { PRODUCTION } from '../support/settings.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let dir: string;
const SURFACES = ['api', 'web'].map((id) => ({ id, name: id.toUpperCase(), url: 'http://127.0.0.1:9/' }));
/** Minutes ago, on the hour, so that every run of the test finds the same minutes. */
const now = Date.now();
const ago = (minutes: number) => new Date(now - minutes * 60_000);

beforeAll(async () => {
  database = await createTestDatabase();
  dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-replay-'));
  const file = parseSurfacesFile(JSON.stringify({ surfaces: SURFACES, sources: [{ id: 'prom' }] }), 'test');
  await syncSurfaces(database.pool, file.surfaces);
  await syncSources(database.pool, file.sources);
  // The API is down for ten minutes, and once for a single check.
  const checks = Array.from({ length: 120 }, (_, n) => ({
    surfaceId: 'api',
    at: ago(120 - n),
    outcome: (n >= 30 && n < 40) || n === 60 ? ('down' as const) : ('up' as const),
    ...{ latencyMs: 5, httpStatus: 200, error: null },
  }));
  await recordChecks(database.pool, checks);
  for (const [minutes, status] of [
    [100, 'firing'],
    [96, 'firing'],
    [92, 'resolved'],
    [50, 'firing'],
  ] as const) {
    await alert(minutes, status, { alertname: 'DiskFull', severity: 'critical' });
  }
  await alert(80, 'firing', { alertname: 'Latency', severity: 'sev-9' });
});
afterAll(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

async function alert(minutes: number, status: string, labels: Record<string, string>): Promise<void> {
  const alerts = [
    { status, labels, fingerprint: labels.alertname, annotations: { summary: `${labels.alertname} on db-1` } },
  ];
  const body = Buffer.from(JSON.stringify({ version: '4', alerts }));
  const request = { source: 'prom', sender: 'alertmanager', method: 'POST', rest: '', query: '', headers: {}, body };
  const id = await storeRequest(database.pool, request);
  await database.pool.query('update webhook_requests set received_at = $2 where id = $1', [id, ago(minutes)]);
}

const replay = (...args: string[]) => run(['replay', '--since', '3h', ...args], { DATABASE_URL: database.url });
async function fileWith(change: { surfaces?: object; sources?: object }): Promise<string> {
  const path = join(dir, 'new.yaml');
  const surfaces = SURFACES.map((surface) => ({ ...surface, ...change.surfaces }));
  await writeFile(path, JSON.stringify({ surfaces, sources: [{ id: 'prom', ...change.sources }] }));
  return path;
}
/** Without the time of day. */
const lines = (out: string[]) => out.map((line) => line.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'T'));

it('without a file, what the replay files is compared with what was filed', async () => {
  const { out, failure } = await replay();
  expect(failure).toBeNull();
  expect(lines(out)).toEqual([
    'Replayed 5 requests and 120 checks from T to T.',
    'Tickets: 0 (as filed), 4 (replayed).',
    '+ T prom: P1: DiskFull on db-1, only replayed',
    '+ T status_poller: P1: API is DOWN (api), only replayed',
    '+ T prom: P2: Latency on db-1, only replayed',
    '+ T prom: P1: DiskFull on db-1, only replayed',
  ]);
});

it('the file in force differs from itself in no ticket', async () => {
  const { out } = await replay('--config', await fileWith({}));
  expect(lines(out).at(-1)).toBe('No ticket differs.');
});

it('a more sensitive surface, other words for a severity and another title show as tickets that differ', async () => {
  const path = await fileWith({
    surfaces: { failures_to_open: 1 },
    sources: { severity: { 'sev-9': 'P3' }, title: '{{labels.alertname}}!' },
  });
  const { out } = await replay('--config', path);
  expect(lines(out).slice(1)).toEqual([
    `Tickets: 4 (file in force), 4 (${path}).`,
    '~ T prom: P1: DiskFull on db-1 → P1: DiskFull!',
    `- T prom: P2: Latency on db-1, only file in force`,
    `+ T status_poller: P1: API is DOWN (api), only ${path}`,
    '~ T prom: P1: DiskFull on db-1 → P1: DiskFull!',
  ]);
});

it('shadow mode and maintenance windows of a file count', async () => {
  const shadow = await replay('--config', await fileWith({ sources: { shadow: true } }), '--json');
  const result = JSON.parse(shadow.out.join('\n'));
  const changed = result.differences.filter((each: { kind: string }) => each.kind === 'changed');
  expect(changed.map((each: { after: { shadow: boolean } }) => each.after.shadow)).toEqual([true, true, true]);

  const window = { from: ago(180).toISOString(), until: ago(60).toISOString(), reason: 'new disks' };
  const { out } = await replay('--config', await fileWith({ surfaces: { maintenance: [window] } }));
  expect(lines(out).slice(2)).toEqual(['- T status_poller: P1: API is DOWN (api), only file in force']);
});

it('in production a replay needs no settings of sign-in, which workers do not have', async () => {
  const { OIDC_ISSUER_URL, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, SESSION_SECRET, ...worker } = PRODUCTION;
  const { failure } = await run(['replay', '--since', '12h'], { ...worker, DATABASE_URL: database.url });
  expect(failure).toBeNull();
});

it('a replay changes nothing', async () => {
  const counts =
    'select (select count(*)::int from actors) + (select count(*)::int from filings) + (select count(*)::int from audit_log) as n';
  await replay();
  expect((await database.pool.query(counts)).rows).toEqual([{ n: 0 }]);
});

it.each(['soon', '0d', '7', '9999d'])('--since %s is refused with what to write', async (since) => {
  const { failure } = await run(['replay', '--since', since], { DATABASE_URL: database.url });
  expect(failure).toBe(`--since cannot be ${since}: write an age such as 12h or 7d.`);
});
