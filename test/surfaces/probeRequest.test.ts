// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the file refers to variables in this form
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { createProbe } from '../../src/surfaces/probe.ts';
import { parseSurfaces } from '../../src/surfaces/surfacesFile.ts';

const TLS = join(packageRoot, 'test', 'fixtures', 'tls');
const lines: unknown[] = [];
const log = { debug: (line: unknown) => void lines.push(line) };
const env = { API_KEY: 'key-4711', API_PASSWORD: 'pass-0815', PROXY_PASSWORD: 'way-1234' };
const probe = createProbe({ allowPrivate: true, log, env });
const servers: http.Server[] = [];
// nock replaces sockets, also those that it lets through.
beforeAll(() => nock.restore());
afterAll(() => nock.activate());
afterEach(() => {
  lines.length = 0;
  for (const server of servers.splice(0)) server.close();
});

const surface = (fields: object) => {
  // Neither slow nor late by itself, however busy this machine is.
  const limits = { timeout_ms: 60_000, degraded_after_ms: 60_000 };
  const [parsed] = parseSurfaces(JSON.stringify({ surfaces: [{ id: 'a', name: 'A', ...limits, ...fields }] }), 'test');
  if (!parsed) throw new Error('no surface');
  return parsed;
};
async function listen(server: http.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
interface Seen {
  method: string | undefined;
  headers: http.IncomingHttpHeaders;
  body: string;
}
/** A server that remembers its requests. */
async function remembering(seen: Seen[], status = 200) {
  const port = await listen(
    http.createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      seen.push({ method: request.method, headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status).end('ok');
    }),
  );
  return `http://127.0.0.1:${port}/`;
}

it('a check sends the method, headers, body and basic authentication of the file, with the variables filled in', async () => {
  const seen: Seen[] = [];
  const result = await probe(
    surface({
      url: await remembering(seen),
      method: 'POST',
      headers: { 'X-Api-Key': '${API_KEY}', Accept: 'application/json' },
      body: '{"key":"${API_KEY}"}',
      basic_auth: { username: 'checker', password: '${API_PASSWORD}' },
    }),
  );
  expect(result).toMatchObject({ outcome: 'up' });
  expect(seen).toEqual([
    expect.objectContaining({
      method: 'POST',
      body: '{"key":"key-4711"}',
      headers: expect.objectContaining({
        'x-api-key': 'key-4711',
        accept: 'application/json',
        authorization: `Basic ${Buffer.from('checker:pass-0815').toString('base64')}`,
      }),
    }),
  ]);
});

it('a variable that is not set is named, and the check fails', async () => {
  const result = await probe(surface({ url: 'http://127.0.0.1:9/', headers: { A: '${NOT_THERE}' } }));
  expect(result).toMatchObject({
    outcome: 'down',
    error: 'VARIABLE_NOT_SET: the environment variable NOT_THERE is not set',
  });
});

it('no secret is stored in the surface, logged or shown in an error', async () => {
  const fields = {
    headers: { Host: '${API_KEY}' },
    basic_auth: { username: 'checker', password: '${API_PASSWORD}' },
    proxy: 'http://user:${PROXY_PASSWORD}@127.0.0.1:1/',
  };
  const parsed = surface({ url: 'http://127.0.0.1:9/', ...fields });
  const result = await probe(parsed);
  expect(result.outcome).toBe('down');
  for (const secret of Object.values(env)) expect(JSON.stringify([parsed, result, lines])).not.toContain(secret);
});

it('a request is sent through the proxy, and a password of the proxy to the proxy', async () => {
  const seen: Seen[] = [];
  const proxied: (string | undefined)[] = [];
  const target = await remembering(seen);
  const port = await listen(
    http.createServer((request, response) => {
      proxied.push(request.url, request.headers['proxy-authorization']);
      http.get(String(request.url), (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 0)));
    }),
  );
  const result = await probe(surface({ url: target, proxy: `http://user:\${PROXY_PASSWORD}@127.0.0.1:${port}` }));
  expect(result).toMatchObject({ outcome: 'up' });
  expect(proxied).toEqual([target, `Basic ${Buffer.from('user:way-1234').toString('base64')}`]);
  expect(seen).toHaveLength(1);
});

async function secureServer() {
  const [key, cert] = ['self-signed.key', 'self-signed.crt'].map((name) => readFileSync(join(TLS, name)));
  const port = await listen(https.createServer({ key, cert }, (_, response) => response.end('ok')));
  return `https://localhost:${port}/`;
}

it('a certificate is trusted by the authority of ca_file, and only by that; its expiry is reported', async () => {
  const url = await secureServer();
  expect(await probe(surface({ url }))).toMatchObject({
    outcome: 'down',
    error: expect.stringContaining('SELF_SIGNED'),
  });
  const trusted = await probe(surface({ url, ca_file: join(TLS, 'self-signed.crt') }));
  expect(trusted).toMatchObject({ outcome: 'up', certificateExpiresAt: expect.stringMatching(/^\d{4}-.*Z$/) });
});

it('a TLS connection goes through the tunnel of a proxy', async () => {
  const url = await secureServer();
  const tunnelled: (string | undefined)[] = [];
  const proxy = http.createServer();
  proxy.on('connect', (request, socket) => {
    tunnelled.push(request.url);
    const upstream = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  const port = await listen(proxy);
  const result = await probe(
    surface({ url, ca_file: join(TLS, 'self-signed.crt'), proxy: `http://127.0.0.1:${port}` }),
  );
  expect(result).toMatchObject({ outcome: 'up', certificateExpiresAt: expect.any(String) });
  expect(tunnelled).toEqual([new URL(url).host]);
});

it('a proxy does not lead to a metadata address', async () => {
  const seen: Seen[] = [];
  const proxy = await remembering(seen);
  for (const url of ['http://169.254.169.254/latest', 'http://metadata.google.internal/']) {
    expect(await probe(surface({ url, proxy }))).toMatchObject({
      outcome: 'down',
      error: expect.stringContaining('ADDRESS_REFUSED'),
    });
  }
  expect(seen).toEqual([]);
});
