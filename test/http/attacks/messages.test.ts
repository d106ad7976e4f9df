import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCookieClient, formToken, signIn } from '../../support/cookieClient.ts';
import { sendRaw } from '../../support/sendRaw.ts';
import {
  API_TOKEN,
  INGEST_TOKEN,
  type SignInEnvironment,
  startSignInEnvironment,
} from '../../support/signInEnvironment.ts';
import { start } from '../support.ts';

let house: SignInEnvironment;
beforeAll(async () => {
  house = await startSignInEnvironment();
});
afterAll(() => house.close());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('refused, of a body:', () => {
  it('more than a mebibyte, announced or not', async () => {
    const large = JSON.stringify({ source: 'prometheus', alerts: 'x'.repeat(1_048_576) });
    const headers = { 'content-type': 'application/json', ...bearer(INGEST_TOKEN) };
    const post = (body: BodyInit, more = {}) =>
      fetch(`${house.url}/api/alerts`, { method: 'POST', headers, body, ...more });
    expect((await post(large)).status).toBe(413);
    const stream = new Blob([large]).stream();
    expect((await post(stream, { duplex: 'half' })).status).toBe(413);
    const ada = createCookieClient();
    await signIn(ada, house.url, 'ada');
    const _csrf = await formToken(ada, `${house.url}/console/flags`);
    const flip = `${house.url}/console/flags/FLAG_CONSOLE_ALERTS_AUTO_TICKET`;
    expect((await ada.submit(flip, { _csrf, enabled: 'x'.repeat(1_048_577) })).status).toBe(413);
  });

  it('one that does not come', async () => {
    const patience = { headersMs: 100, requestMs: 200, checkEveryMs: 50, closeMs: 300 };
    const hasty = await start({ patience });
    const head = 'POST /api/alerts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    expect(await sendRaw(hasty.url, `${head}Content-Length: 50\r\n\r\n{"so`)).toContain('408 Request Timeout');
    expect(await sendRaw(hasty.url, 'GET /console/status HTTP/1.1\r\nHo')).toContain('408 Request Timeout');
  });

  it('one that unpacks without end', async () => {
    const response = await fetch(`${house.url}/api/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', ...bearer(INGEST_TOKEN) },
      body: gzipSync(Buffer.alloc(64 * 1_048_576, ' ')),
    });
    expect(response.status).toBe(413);
  });
});

describe('refused, of a path:', () => {
  it.each([
    '/console/../console/flags',
    '/healthz/../console/flags',
    '/healthz/%2e%2e/console/flags',
    '/assets/../console/flags',
    '//console/flags',
    '/console//flags',
    '/console/flags/',
    '/CONSOLE/FLAGS',
    '/console/flags%00',
    '/console/flags;/healthz',
    '/console/flags/%2e%2e/%2e%2e/healthz',
    '/console%2fflags',
    '/console\\flags',
    '/sign-in/../console/flags',
    'http://127.0.0.1/console/flags',
  ])('%s shows nothing to nobody', async (path) => {
    const { status, body } = await raw(path, {});
    expect([400, 401, 404]).toContain(status);
    expect(body).not.toContain('FLAG_CONSOLE');
  });

  it.each([
    '/assets/../package.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/..%2f..%2fpackage.json',
    '/assets/x/..%5c..%5cpackage.json',
    '/assets//etc/passwd',
  ])('%s is no file', async (path) => {
    expect((await raw(path, {})).status).toBe(404);
  });
});

describe('refused, of a header:', () => {
  it('a line break that would make two of one', async () => {
    const to = encodeURIComponent('/console/x\r\nSet-Cookie: console_session=planted');
    for (const path of [`/sign-in?to=${to}`, `/sign-in/start?to=${to}`, `/console/x%0d%0aSet-Cookie:%20a=b`]) {
      const { headers } = await raw(path, { accept: 'text/html' });
      expect(JSON.stringify(headers['set-cookie'] ?? '')).not.toMatch(/planted|a=b/);
      expect(headers.location ?? '').not.toMatch(/[\r\n]/);
    }
  });

  it('an id that would forge lines of the log', async () => {
    const { headers } = await raw('/healthz', { 'x-request-id': '{"level":"ERROR"}' });
    expect(headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
  });

  it('a Host, or what a stranger says it was, in anything that is answered', async () => {
    const hosts = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    const started = await raw('/sign-in/start', { ...hosts, forwarded: 'host=evil.example' });
    const way = new URL(String(started.headers.location));
    expect([way.origin, way.searchParams.get('redirect_uri')]).toEqual([
      house.provider.issuer,
      `${house.url}/sign-in/callback`,
    ]);
    for (const path of ['/', '/console/status', '/sign-in', '/nothing', '/openapi.json']) {
      const { headers, body } = await raw(path, { ...hosts, accept: 'text/html' });
      expect(JSON.stringify(headers) + body).not.toContain('evil.example');
    }
  });

  it('an address that a client claims to come from, where no proxy is trusted', async () => {
    await raw('/sign-in/callback?code=x&state=y', { 'x-forwarded-for': '203.0.113.9' });
    expect((await house.audit('console.session.refused')).at(-1)?.payload.address).toBe('127.0.0.1');
  });

  it('two requests in one, by lengths that contradict each other', async () => {
    const smuggled = [
      'POST /api/alerts HTTP/1.1',
      'Host: localhost',
      'Content-Length: 5',
      'Transfer-Encoding: chunked',
      '',
      '0',
      '',
      'GET /console/flags HTTP/1.1',
      'Host: localhost',
      `Authorization: Bearer ${API_TOKEN}`,
      '',
      '',
    ].join('\r\n');
    const answer = await sendRaw(house.url, smuggled);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toContain('FLAG_CONSOLE');
  });
});

interface Raw {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Clients tidy paths up and write some headers themselves; this sends what it is given. */
async function raw(path: string, headers: Record<string, string>): Promise<Raw> {
  const lines = Object.entries({ host: new URL(house.url).host, ...headers, connection: 'close' });
  const answer = await sendRaw(
    house.url,
    [`GET ${path} HTTP/1.1`, ...lines.map((line) => line.join(': ')), '', ''].join('\r\n'),
  );
  const [head = '', ...body] = answer.split('\r\n\r\n');
  const [first = '', ...rest] = head.split('\r\n');
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(
      rest.map((line) => line.split(': ')).map(([name = '', value = '']) => [name.toLowerCase(), value]),
    ),
    body: body.join('\r\n\r\n'),
  };
}
