import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { PAGE, SIGN_IN, start } from './support.ts';

describe('every response', () => {
  it.each(['/console/status', '/nothing', '/healthz', '/assets/x/y'])(
    'the response of %s has the security headers',
    async (path) => {
      const app = await start();
      const { headers } = await app.get(path, PAGE);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('permissions-policy')).toContain('camera=()');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{8,64}$/);
    },
  );

  it('Strict-Transport-Security is sent only if the public URL is https', async () => {
    const plain = await start();
    expect((await plain.get('/healthz')).headers.get('strict-transport-security')).toBeNull();
    const secure = await start({ env: SIGN_IN, config: { publicUrl: 'https://console.example.com' } });
    expect((await secure.get('/healthz')).headers.get('strict-transport-security')).toBe('max-age=31536000');
  });

  it('the request id of a trusted proxy is kept', async () => {
    const app = await start({ env: { ...SIGN_IN, TRUST_PROXY: '1' } });
    const response = await app.get('/healthz', { 'x-request-id': 'abcdef-123456' });
    expect(response.headers.get('x-request-id')).toBe('abcdef-123456');
  });

  it('a request gets a page only if its Accept header prefers HTML', async () => {
    const app = await start();
    const typeFor = async (accept: string) =>
      (await app.get('/console/status', { accept })).headers.get('content-type');
    expect(await typeFor('*/*')).toContain('application/json');
    expect(await typeFor('application/json')).toContain('application/json');
    expect(await typeFor('application/json, text/html')).toContain('application/json');
    expect(await typeFor('text/html, application/json')).toContain('text/html');
    expect(await typeFor(PAGE.accept)).toContain('text/html');
    expect((await app.get('/console/status')).headers.get('vary')).toContain('Accept');
  });
});

describe('assets', () => {
  it('assets have a digest in their address and are cached forever', async () => {
    const app = await start();
    const page = await (await app.get('/console/status', PAGE)).text();
    const urls = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, url = '']) => url);
    expect(urls.length).toBeGreaterThan(8);
    for (const url of urls) {
      const response = await app.get(url);
      expect([url, response.status, response.headers.get('cache-control')]).toEqual([
        url,
        200,
        'public, max-age=31536000, immutable',
      ]);
      const again = await raw(`${app.url}${url}`, { 'if-none-match': response.headers.get('etag') ?? '' });
      expect(again.status).toBe(304);
    }
  });

  it('pages contain no inline styles, handlers or scripts', async () => {
    const app = await start();
    const page = await (await app.get('/console/status', PAGE)).text();
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?! src)/);
  });

  it('responses are compressed with gzip if the client accepts it', async () => {
    const app = await start();
    const { headers, body } = await raw(`${app.url}/openapi.json`, { 'accept-encoding': 'gzip' });
    expect(headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(body).toString())).toMatchObject({ openapi: '3.1.0' });
  });
});

describe('the Host header without a sign-in provider', () => {
  it.each([
    ['localhost:3000', 200],
    ['127.0.0.1:3000', 200],
    ['127.1.2.3', 200],
    ['[::1]:3000', 200],
    ['console.localhost', 200],
    ['my.console.test', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.evil.example:3000', 403],
    ['169.254.169.254', 403],
    ['a.b.localhost', 403],
    ['evil.example.localhost:3000', 403],
    ['localhost.', 403],
    ['.localhost', 403],
    ['[::ffff:127.0.0.1]', 403],
    ['::ffff:127.0.0.1', 403],
    ['[::ffff:7f00:1]:3000', 403],
    ['[0:0:0:0:0:0:0:1]', 403],
    ['[::]', 403],
    ['0.0.0.0', 403],
    ['127.1', 403],
    ['2130706433', 403],
    ['0x7f.0.0.1', 403],
    ['127.0.0.1@evil.example', 403],
    ['localhost:3000.evil.example', 403],
    ['evil.example:3000', 403],
  ])('the Host header %s gets status %i', async (host, status) => {
    const app = await start({ config: { publicUrl: 'http://my.console.test:3000' } });
    expect((await raw(`${app.url}/console/status`, { host })).status).toBe(status);
  });

  it('X-Forwarded-Host does not override the Host check', async () => {
    const app = await start({ env: { TRUST_PROXY: '1' } });
    const headers = { host: 'evil.example', 'x-forwarded-host': 'localhost' };
    expect((await raw(`${app.url}/console/status`, headers)).status).toBe(403);
  });

  it('the Host header is not checked with a sign-in provider', async () => {
    const app = await start({ env: SIGN_IN });
    expect((await raw(`${app.url}/healthz`, { host: 'any.example' })).status).toBe(200);
  });
});

interface Raw {
  status: number | undefined;
  headers: NodeJS.Dict<string | string[]>;
  body: Buffer;
}

/** Unlike `fetch`, sends exactly the given headers. */
function raw(url: string, headers: Record<string, string>): Promise<Raw> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, async (response) => {
      const body = Buffer.concat(await response.toArray());
      resolve({ status: response.statusCode, headers: response.headers, body });
    })
      .on('error', reject)
      .end();
  });
}
