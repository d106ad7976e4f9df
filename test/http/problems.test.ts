import { describe, expect, it } from 'vitest';
import type { ConsoleApi } from '../../src/http/consoleApi.ts';
import { Problem } from '../../src/lib/problem.ts';
import { bearer, errorOf, PAGE, start, TOKENS } from './support.ts';

const never = () => new Promise<never>(() => {});
const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:5432'), { code: 'ECONNREFUSED' });

describe('an unavailable database', () => {
  it.each<[what: string, error: Error]>([
    ['the connection is refused', refused],
    ['the server shuts down', Object.assign(new Error('terminating connection'), { code: '57P01' })],
    ['there are too many connections', Object.assign(new Error('too many clients'), { code: '53300' })],
    ['the role has no rights yet', Object.assign(new Error('permission denied'), { code: '42501' })],
    ['a statement takes too long', Object.assign(new Error('canceling statement'), { code: '57014' })],
    ['the connection ends', new Error('Connection terminated unexpectedly')],
    ['the pool has none left', new Error('timeout exceeded when trying to connect')],
    ['it is the cause of another error', new Error('could not load', { cause: refused })],
  ])('a page answers 503 without the address of the database when %s', async (_what, error) => {
    const app = await start({ services: { statusGrid: () => Promise.reject(error) } });
    const response = await app.get('/console/status');
    const text = await response.text();
    expect(response.status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'database_unavailable' } });
    expect(text).not.toContain('10.0.0.5');
    expect(app.log()).not.toContain('"level":50');
  });

  it.each(['42703', '42704', '42883', '42P01', '42P10', '3F000', '23514'])(
    'an alert is answered 503 with Retry-After while the process waits for its migrations and Postgres says %s',
    async (code) => {
      const error = Object.assign(new Error('does not exist'), { code });
      const app = await start({ services: { ingest: () => Promise.reject(error), awaitsMigration: () => true } });
      const headers = { authorization: `Bearer ${TOKENS.prometheus}` };
      const response = await app.post('/api/alerts', { source: 'prometheus', alerts: [{}] }, headers);
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10']);
      expect((await errorOf(response)).code).toBe('database_unavailable');
    },
  );

  it.each<[what: string, path: string, body?: object]>([
    ['that begins', '', { until: '2099-01-01T00:00:00Z', reason: 'disks' }],
    ['that ends', '/end'],
  ])(
    'maintenance %s is answered 503 with Retry-After while the process waits for its migrations',
    async (_, path, body) => {
      const missing = () => Promise.reject(Object.assign(new Error('does not exist'), { code: '42703' }));
      const services = { setMaintenance: missing, endMaintenance: missing, awaitsMigration: () => true };
      const app = await start({ services });
      const response = await app.post(`/console/surfaces/api-prod/maintenance${path}`, body, bearer(TOKENS.admin));
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10']);
      expect((await errorOf(response)).code).toBe('database_unavailable');
    },
  );

  it.each(['42703', '42883', '23514'])('once the database is migrated, %s is an internal error', async (code) => {
    const error = Object.assign(new Error('does not exist'), { code });
    const app = await start({ services: { statusGrid: () => Promise.reject(error) } });
    expect((await app.get('/console/status')).status).toBe(500);
  });

  it('a page shows that the database is unavailable', async () => {
    const app = await start({ services: { statusGrid: () => Promise.reject(refused) } });
    const response = await app.get('/console/status', PAGE);
    expect([response.status, response.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
    const page = await response.text();
    expect(page).toContain('<h1>Database unavailable</h1>');
    expect(page).toContain('Checks and tickets resume automatically. Reload this page to try again.');
  });

  it('a click answers 503 while the database is unavailable', async () => {
    const app = await start({ services: { investigate: () => Promise.reject(refused) } });
    const response = await app.post('/console/status/investigate/api-prod');
    expect([response.status, (await errorOf(response)).code]).toEqual([503, 'database_unavailable']);
  });
});

describe('services that do not answer', () => {
  const SILENT: Partial<ConsoleApi> = {
    statusGrid: never,
    surface: never,
    alerts: never,
    customer: never,
    flags: never,
    audit: never,
    actors: never,
    actor: never,
    deadLetters: never,
    banners: never,
  };

  it('every page answers 503 with the part that did not answer in time', async () => {
    const app = await start({ services: SILENT });
    const paths = [
      '/console/status',
      '/console/surfaces/api-prod',
      '/console/alerts',
      '/console/customers/c-1001/tickets',
      '/console/flags',
      '/console/audit',
      '/console/inspect/actors',
      '/console/inspect/actors/x',
      '/console/dead-letters',
    ];
    const pages = await Promise.all(paths.map((path) => app.get(path, PAGE)));
    const texts = await Promise.all(pages.map((page) => page.text()));
    expect(pages.map((page) => page.status)).toEqual(paths.map(() => 503));
    expect(texts.filter((text) => text.includes('database_unavailable')).length).toBe(paths.length - 1);
    for (const text of texts) expect(text).toMatch(/The (database|list of tickets) did not answer within 4.5 s/);
  });

  it('a page is shown without its banners if only they are late', async () => {
    const app = await start({ services: { banners: never } });
    const response = await app.get('/console/flags', PAGE);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('Component status is unavailable.');
  });

  it('a process is not ready while its readiness check does not answer', async () => {
    const app = await start({ services: { readiness: never } });
    const response = await app.get('/readyz');
    expect([response.status, await response.json()]).toEqual([
      503,
      { ready: false, checks: { database: 'does not answer' } },
    ]);
  });
});

describe('unexpected errors', () => {
  it('an unexpected error is logged once with its stack and shown without details', async () => {
    const app = await start({ services: { statusGrid: () => Promise.reject(new Error('secret detail')) } });
    for (const headers of [{}, PAGE]) {
      const response = await app.get('/console/status', headers);
      const text = await response.text();
      expect(response.status).toBe(500);
      expect(text).toContain('internal');
      expect(text).not.toMatch(/secret detail|node_modules|\.ts:/);
    }
    const [line = '{}'] = app.log().trim().split('\n');
    expect(JSON.parse(line)).toMatchObject({ level: 50, msg: 'request failed', err: { message: 'secret detail' } });
  });

  it('a thrown string is an internal error', async () => {
    const app = await start({ services: { statusGrid: () => Promise.reject('just a string') } });
    expect((await app.get('/console/status')).status).toBe(500);
  });

  it('an error of another server with status 404 is an internal error', async () => {
    const error = Object.assign(new Error('Request failed with status code 404'), { status: 404, expose: true });
    const app = await start({ services: { statusGrid: () => Promise.reject(error) } });
    expect((await app.get('/console/status')).status).toBe(500);
  });
});

describe('problems thrown by services', () => {
  it.each([
    ['unknown_surface', 404],
    ['not_degraded', 409],
    ['feature_disabled', 403],
  ] as const)('the problem %s gets status %i', async (code, status) => {
    const investigate = () => Promise.reject(new Problem(code, 'Said by the surface.'));
    const app = await start({ services: { investigate } });
    const response = await app.post('/console/status/investigate/api-prod');
    expect([response.status, await errorOf(response)]).toEqual([status, { code, message: 'Said by the surface.' }]);
  });

  it.each([
    ['unknown_alert', 'No such alert'],
    ['not_active', 'Not active'],
    ['unsupported_media_type', 'Unsupported content type'],
    ['busy', 'Busy'],
    ['too_many_requests', 'Too many requests'],
  ] as const)('the page of the problem %s is headed "%s"', async (code, title) => {
    const statusGrid = () => Promise.reject(new Problem(code, 'Said by the surface.'));
    const app = await start({ services: { statusGrid } });
    const page = await (await app.get('/console/status', PAGE)).text();
    expect(page).toContain(`<h1>${title}</h1>`);
    expect(page).not.toContain('resume automatically');
  });

  it('a flag that is forced off cannot be turned on', async () => {
    const app = await start();
    const response = await app.post('/console/flags/FLAG_CONSOLE_ALERTS_AUTO_TICKET', { enabled: true });
    expect([response.status, (await errorOf(response)).code]).toEqual([409, 'forced_off']);
  });
});

describe('the request log', () => {
  it('successful requests write nothing at INFO, whatever words are in their paths', async () => {
    const app = await start();
    await app.post('/console/status/investigate/api-prod');
    await app.post('/api/webhooks/freescout', {}, { 'x-freescout-signature': 'right' });
    await app.post('/api/webhooks/freescout', {}, { 'x-freescout-signature': 'wrong' });
    await app.get('/console/nothing/freescout');
    expect(app.log()).toBe('');
  });

  it('each request is logged at DEBUG with its request id and without its query', async () => {
    const app = await start({ logLevel: 'debug' });
    const id = (await app.get('/console/flags?x=secret')).headers.get('x-request-id');
    await expect.poll(app.log).toContain('http request');
    expect(JSON.parse(app.log())).toMatchObject({
      level: 20,
      request_id: id,
      method: 'GET',
      path: '/console/flags',
      status: 200,
    });
    expect(app.log()).not.toContain('secret');
  });
});
