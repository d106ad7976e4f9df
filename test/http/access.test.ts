import { describe, expect, it } from 'vitest';
import { fakeConsoleApi } from './fakeConsoleApi.ts';
import { bearer, PAGE, SIGN_IN, start, TOKENS } from './support.ts';

const in1h = new Date(Date.now() + 3_600_000).toISOString();
const alerts = { source: 'prometheus', alerts: [{ alert_id: 'x', severity: 'P2', status: 'firing', title: 'X' }] };

const away = () => {
  const { signIn } = fakeConsoleApi().services;
  return signIn && { ...signIn, trouble: async () => 'ECONNREFUSED' };
};

/** A route, the role that it needs, a valid body, and its status on success. */
type Row = [method: string, path: string, needs: string, body?: unknown, answers?: number];

/** Every route of the console. */
const ROUTES: Row[] = [
  ['GET', '/console/status', 'viewer'],
  ['GET', '/console/status/counts', 'viewer'],
  ['POST', '/console/status/investigate/api-prod', 'operator'],
  ['GET', '/console/surfaces/api-prod', 'viewer'],
  ['POST', '/console/surfaces/api-prod/maintenance', 'admin', { until: in1h, reason: 'disks' }],
  ['DELETE', '/console/surfaces/api-prod/maintenance', 'admin'],
  ['POST', '/console/surfaces/api-prod/maintenance/end', 'admin'],
  ['GET', '/console/alerts', 'viewer'],
  ['GET', '/console/alerts/status_poller%3Aa3f9b8126c01de77', 'viewer'],
  ['GET', '/console/silences', 'viewer'],
  ['GET', '/console/silences/new', 'operator'],
  ['POST', '/console/silences', 'operator', { matchers: { source: 'a' }, until: in1h, reason: 'disks' }],
  ['DELETE', '/console/silences/12', 'operator'],
  ['POST', '/console/silences/12/end', 'operator'],
  ['GET', '/console/customers', 'viewer'],
  ['GET', '/console/customers/c-1001/tickets', 'viewer'],
  ['GET', '/console/flags', 'viewer'],
  ['POST', '/console/flags/FLAG_CONSOLE_INVESTIGATE_FROM_STATUS', 'admin', { enabled: true }],
  ['GET', '/console/audit', 'viewer'],
  ['GET', '/console/inspect', 'viewer', undefined, 303],
  ['GET', '/console/inspect/actors', 'viewer'],
  ['GET', '/console/inspect/actors/surface%3Aapi-prod', 'viewer'],
  ['GET', '/console/dead-letters', 'viewer'],
  ['GET', '/console/reconcile', 'viewer'],
  ['GET', '/console/dead-letters/d1', 'viewer'],
  ['POST', '/console/dead-letters/replay', 'admin', { count: 1 }],
  ['POST', '/console/dead-letters/d1/replay', 'admin'],
  ['POST', '/console/dead-letters/d1/edit', 'admin', { payload: {} }],
  ['POST', '/console/alerts/a%3A1/resolve', 'operator', { reason: 'lost' }],
  ['POST', '/console/dead-letters/d1/discard', 'admin', { reason: 'x' }],
  ['HEAD', '/console/events', 'viewer'],
  ['POST', '/api/alerts', 'sender', alerts, 202],
  ['GET', '/console/sources', 'viewer'],
  ['GET', '/console/weekly', 'viewer'],
  ['POST', '/console/sources/prometheus/test', 'operator'],
  ['POST', '/api/webhooks/alertmanager', 'sender', {}, 202],
  ['POST', '/api/webhooks/alertmanager/prometheus', 'sender', {}, 202],
  ['POST', '/api/webhooks/opsgenie/prometheus/v2/alerts', 'sender', {}, 202],
  ...['POST', 'PUT', 'PATCH', 'DELETE'].flatMap((method) =>
    ['disk', 'disk/close', 'disk/actions/restart'].map((path): Row => {
      return [method, `/api/webhooks/opsgenie/prometheus/v2/alerts/${path}`, 'sender', {}, 202];
    }),
  ),
  ['PUT', '/api/webhooks/grafana', 'sender', {}, 202],
  ['PUT', '/api/webhooks/grafana/prometheus', 'sender', {}, 202],
  ['GET', '/api/webhooks/gatus', 'sender'],
  ['GET', '/api/webhooks/gatus/prometheus', 'sender'],
  ['POST', '/v2/enqueue', 'sender', {}, 202],
  // With the token as the last part of the path, any other header is beside the point.
  ['GET', '/api/webhooks/gatus/x/token', 'anyone', undefined, 401],
  ['POST', '/api/webhooks/gatus/x/token', 'anyone', {}, 401],
  ['PUT', '/api/webhooks/gatus/x/token', 'anyone', {}, 401],
  ['OPTIONS', '/api/webhooks/cloudevents', 'anyone'],
  ['OPTIONS', '/api/webhooks/cloudevents/x', 'anyone'],
  ['OPTIONS', '/api/webhooks/cloudevents/x/token', 'anyone'],
  ['GET', '/', 'anyone', undefined, 303],
  ['GET', '/console', 'anyone', undefined, 303],
  ['GET', '/console/sessions', 'admin'],
  ['POST', '/console/sessions/fedcba9876543210/revoke', 'admin'],
  ['GET', '/console/refusals', 'admin'],
  ['GET', '/console/my-sessions', 'viewer'],
  // Tokens have no session, so they have none to end.
  ['POST', '/console/my-sessions/fedcba9876543210/revoke', 'viewer', undefined, 404],
  ['GET', '/sign-in', 'anyone'],
  ['GET', '/sign-in/start', 'anyone', undefined, 303],
  ['GET', '/sign-in/callback', 'anyone', undefined, 400],
  ['POST', '/sign-out', 'anyone'],
  ['POST', '/sign-in/back-channel-logout', 'anyone', undefined, 400],
  ['GET', '/healthz', 'anyone'],
  ['GET', '/readyz', 'anyone'],
  ['GET', '/metrics', 'anyone'],
  ['GET', '/openapi.json', 'anyone'],
];

const CALLERS = {
  nobody: {},
  viewer: bearer(TOKENS.viewer),
  operator: bearer(TOKENS.operator),
  admin: bearer(TOKENS.admin),
  sender: bearer(TOKENS.prometheus),
};
type Caller = keyof typeof CALLERS;
const LADDER: Caller[] = ['viewer', 'operator', 'admin'];

function expected(caller: Caller, needs: string, answers: number): number {
  if (needs === 'anyone' || caller === needs) return answers;
  if (caller === 'nobody') return 401;
  const may = LADDER.includes(caller) && LADDER.indexOf(caller) >= LADDER.indexOf(needs as Caller);
  return may && needs !== 'sender' ? answers : 403;
}

describe('access with a sign-in provider', () => {
  for (const caller of Object.keys(CALLERS) as Caller[]) {
    it(`every route answers a caller of kind ${caller} according to the access table`, async () => {
      const app = await start({ env: SIGN_IN });
      const got: string[] = [];
      for (const [method, path, , body] of ROUTES) {
        const headers = { ...CALLERS[caller], ...(body ? { 'content-type': 'application/json' } : {}) };
        const init = { method, headers, redirect: 'manual' as const, ...(body ? { body: JSON.stringify(body) } : {}) };
        const response = await fetch(`${app.url}${path}`, init);
        got.push(`${method} ${path} ${response.status}`);
        await response.text();
      }
      const wanted = ROUTES.map(([method, path, needs, , answers = 200]) => {
        return `${method} ${path} ${expected(caller, needs, answers)}`;
      });
      expect(got).toEqual(wanted);
    });
  }

  it('the access table lists every route of the API', async () => {
    const app = await start({ env: SIGN_IN });
    const { paths } = (await (await app.get('/openapi.json')).json()) as { paths: Record<string, object> };
    const covered = ROUTES.map(([method, path]) => [method === 'HEAD' ? 'get' : method.toLowerCase(), path] as const);
    const missing = Object.entries(paths).flatMap(([pattern, operations]) => {
      const regexp = new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`);
      return Object.keys(operations)
        .filter((method) => !covered.some(([known, path]) => known === method && regexp.test(path)))
        .map((method) => `${method} ${pattern}`);
    });
    expect(missing).toEqual(['post /api/webhooks/freescout']);
  });

  it('a browser without a session is redirected to the sign-in page, which keeps the requested address', async () => {
    const app = await start({ env: SIGN_IN });
    const away = await app.get('/console/alerts?q=disk', PAGE);
    const to = '%2Fconsole%2Falerts%3Fq%3Ddisk';
    expect([away.status, away.headers.get('location')]).toEqual([303, `/sign-in?to=${to}`]);
    const page = await app.get(`/sign-in?to=${to}`, PAGE);
    expect(await page.text()).toContain(`href="/sign-in/start?to=${to}"`);
  });

  it('the sign-in page explains that API tokens work while the provider is unavailable', async () => {
    const app = await start({ env: SIGN_IN, services: { signIn: away() } });
    const page = await (await app.get('/sign-in', PAGE)).text();
    expect(page).toContain('ECONNREFUSED');
    expect(page).toContain('API tokens still work');
    expect(await (await app.get('/sign-in')).json()).toMatchObject({ available: false, trouble: 'ECONNREFUSED' });
  });

  it('a script without a token gets 401 in JSON', async () => {
    const app = await start({ env: SIGN_IN });
    const response = await app.get('/console/status');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.json()).toMatchObject({ error: { code: 'unauthenticated' } });
  });
});

describe('access without a sign-in provider', () => {
  it('the local developer may do everything', async () => {
    const app = await start();
    expect((await app.get('/console/status')).status).toBe(200);
    expect((await app.post('/api/alerts', { ...alerts, source: 'any.source' })).status).toBe(202);
    const flipped = await app.post('/console/flags/FLAG_CONSOLE_INVESTIGATE_FROM_STATUS', { enabled: false });
    expect(await flipped.json()).toMatchObject({ enabled: false, changed_by: 'local developer' });
  });

  it('a token is limited to its role even without a sign-in provider', async () => {
    const app = await start();
    const flip = await app.post('/console/flags/X', { enabled: false }, bearer(TOKENS.viewer));
    expect(flip.status).toBe(403);
  });

  it('a request with an invalid token is refused and not treated as the local developer', async () => {
    const app = await start();
    expect((await app.get('/console/status', bearer('wrong'))).status).toBe(401);
    expect((await app.get('/console/status', { authorization: 'Basic dXNlcjpwYXNz' })).status).toBe(401);
  });

  it('without a sign-in provider the server refuses to listen on a public address', async () => {
    await expect(start({ config: { host: '0.0.0.0' } })).rejects.toThrow('loopback');
  });

  it('without a sign-in provider the sign-in and sign-out routes redirect to the status page', async () => {
    const app = await start();
    for (const path of ['/sign-in', '/sign-in/start', '/sign-in/callback']) {
      expect([path, (await app.get(path, PAGE)).headers.get('location')]).toEqual([path, '/console/status']);
    }
    for (const path of ['/sign-out', '/sign-in/back-channel-logout']) {
      expect((await app.post(path)).headers.get('location')).toBe('/console/status');
    }
    expect(await (await app.get('/console/status', PAGE)).text()).not.toContain('Sign out');
  });
});

describe('ingest tokens', () => {
  it('an ingest token may send alerts of its own source only', async () => {
    const app = await start();
    const own = await app.post('/api/alerts', alerts, bearer(TOKENS.prometheus));
    expect(own.status).toBe(202);
    const other = await app.post('/api/alerts', { ...alerts, source: 'grafana' }, bearer(TOKENS.prometheus));
    expect([other.status, await other.json()]).toEqual([
      403,
      { error: { code: 'forbidden', message: 'This token may only send alerts of prometheus.', field: 'source' } },
    ]);
    expect(app.calls.map(({ what }) => what)).toEqual(['ingest']);
  });
});

describe('invalid tokens', () => {
  it('after 20 invalid tokens in a minute further ones get 429, while valid tokens still work', async () => {
    const app = await start({ env: SIGN_IN });
    const statuses: number[] = [];
    for (let n = 0; n < 22; n += 1) statuses.push((await app.get('/console/status', bearer(`guess-${n}`))).status);
    expect(statuses).toEqual([...Array<number>(20).fill(401), 429, 429]);
    const limited = await app.get('/console/status', bearer('guess'));
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await app.get('/console/status', bearer(TOKENS.viewer))).status).toBe(200);
  });

  it('invalid tokens are counted per client address from X-Forwarded-For behind a trusted proxy', async () => {
    const app = await start({ env: { ...SIGN_IN, TRUST_PROXY: '1' } });
    const from = (address: string) =>
      app.get('/console/status', { ...bearer('wrong'), 'x-forwarded-for': `10.9.9.9, ${address}` });
    for (let n = 0; n < 21; n += 1) await from('203.0.113.7');
    expect((await from('203.0.113.7')).status).toBe(429);
    expect((await from('203.0.113.8')).status).toBe(401);
  });
});
