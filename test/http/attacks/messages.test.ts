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

let environment: SignInEnvironment;
beforeAll(async () => {
  environment = await startSignInEnvironment();
});
afterAll(() => environment.close());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('attacks with a body', () => {
  it('a body above the limit of its route is refused, with or without Content-Length', async () => {
    const large = JSON.stringify({ source: 'prometheus', alerts: 'x'.repeat(8 * 1_048_576) });
    const headers = { 'content-type': 'application/json', ...bearer(INGEST_TOKEN) };
    const post = (body: BodyInit, more = {}) =>
      fetch(`${environment.url}/api/alerts`, { method: 'POST', headers, body, ...more });
    expect((await post(large)).status).toBe(413);
    const stream = new Blob([large]).stream();
    expect((await post(stream, { duplex: 'half' })).status).toBe(413);
    const ada = createCookieClient();
    await signIn(ada, environment.url, 'ada');
    const _csrf = await formToken(ada, `${environment.url}/console/flags`);
    const flip = `${environment.url}/console/flags/FLAG_CONSOLE_ALERTS_AUTO_TICKET`;
    expect((await ada.submit(flip, { _csrf, enabled: 'x'.repeat(1_048_577) })).status).toBe(413);
  });

  it('a body or headers that do not arrive get 408', async () => {
    const timeouts = { headersMs: 100, requestMs: 200, checkEveryMs: 50, closeMs: 300 };
    const impatient = await start({ timeouts });
    const head = 'POST /api/alerts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    expect(await sendRaw(impatient.url, `${head}Content-Length: 50\r\n\r\n{"so`)).toContain('408 Request Timeout');
    expect(await sendRaw(impatient.url, 'GET /console/status HTTP/1.1\r\nHo')).toContain('408 Request Timeout');
  });

  it('a compressed body that expands beyond the limit is refused', async () => {
    const response = await fetch(`${environment.url}/api/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', ...bearer(INGEST_TOKEN) },
      body: gzipSync(Buffer.alloc(64 * 1_048_576, ' ')),
    });
    expect(response.status).toBe(413);
  });
});

describe('attacks with a path', () => {
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
  ])('the path %s shows nothing without a sign-in', async (path) => {
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
  ])('the path %s serves no file', async (path) => {
    expect((await raw(path, {})).status).toBe(404);
  });
});

describe('attacks with a header', () => {
  it('a line break in an address cannot add a response header', async () => {
    const to = encodeURIComponent('/console/x\r\nSet-Cookie: console_session=planted');
    for (const path of [`/sign-in?to=${to}`, `/sign-in/start?to=${to}`, `/console/x%0d%0aSet-Cookie:%20a=b`]) {
      const { headers } = await raw(path, { accept: 'text/html' });
      expect(JSON.stringify(headers['set-cookie'] ?? '')).not.toMatch(/planted|a=b/);
      expect(headers.location ?? '').not.toMatch(/[\r\n]/);
    }
  });

  it('a request id that could forge log lines is replaced', async () => {
    const { headers } = await raw('/healthz', { 'x-request-id': '{"level":"ERROR"}' });
    expect(headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
  });

  it('a forged Host header appears nowhere in a response', async () => {
    const hosts = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    const started = await raw('/sign-in/start', { ...hosts, forwarded: 'host=evil.example' });
    const way = new URL(String(started.headers.location));
    expect([way.origin, way.searchParams.get('redirect_uri')]).toEqual([
      environment.provider.issuer,
      `${environment.url}/sign-in/callback`,
    ]);
    for (const path of ['/', '/console/status', '/sign-in', '/nothing', '/openapi.json']) {
      const { headers, body } = await raw(path, { ...hosts, accept: 'text/html' });
      expect(JSON.stringify(headers) + body).not.toContain('evil.example');
    }
  });

  it('X-Forwarded-For is ignored without a trusted proxy', async () => {
    await raw('/sign-in/callback?code=x&state=y', { 'x-forwarded-for': '203.0.113.9' });
    const lines = environment.lines.filter((line) => line.includes('"requests refused"'));
    expect(lines.at(-1)).toContain('"network":"127.0.0.1"');
    expect(lines.join()).not.toContain('203.0.113.9');
    expect(environment.lines.join()).toContain('requests arrive through a proxy although TRUST_PROXY is 0');
  });

  it('a request with contradictory lengths is refused and not split into two', async () => {
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
    const answer = await sendRaw(environment.url, smuggled);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toContain('FLAG_CONSOLE');
  });
});

interface Raw {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Unlike HTTP clients, sends exactly this path and these headers. */
async function raw(path: string, headers: Record<string, string>): Promise<Raw> {
  const lines = Object.entries({ host: new URL(environment.url).host, ...headers, connection: 'close' });
  const answer = await sendRaw(
    environment.url,
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
