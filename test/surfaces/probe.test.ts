import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log/log.ts';
import { createProbe, type ProbeDeps } from '../../src/surfaces/probe.ts';
import { parseSurfaces, type SurfaceConfig } from '../../src/surfaces/surfacesFile.ts';

// nock replaces sockets, but these tests need real ones.
beforeAll(() => nock.restore());
afterAll(() => nock.activate());

const running: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(() => {
  for (const { server, sockets } of running.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** Listens on loopback; `sockets` are the connections still open. */
async function serve(server: Server): Promise<{ url: string; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  running.push({ server, sockets });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const scheme = server instanceof https.Server ? 'https' : 'http';
  return { url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`, sockets };
}

const answering = (listener: http.RequestListener) => serve(http.createServer(listener));

function surface(url: string, more: Partial<SurfaceConfig> = {}): SurfaceConfig {
  const [plain] = parseSurfaces(`surfaces: [{ id: api, name: API, url: "${url}" }]`, 'test.yaml');
  if (plain === undefined) throw new Error('the test surface is gone');
  // Neither slow nor late by itself, however busy this machine is.
  return { ...plain, degradedAfterMs: 60_000, timeoutMs: 60_000, ...more };
}

const probeWith = (deps: Partial<ProbeDeps> = {}) =>
  createProbe({ allowPrivate: true, log: createLog({ level: 'silent' }), ...deps });
const probe = probeWith();
const contains = (bodyContains: string | null): Partial<SurfaceConfig> => ({
  expect: { status: [200, 299], bodyContains },
});

describe('a surface that answers', () => {
  it('is up, with latency and status', async () => {
    const seen: http.IncomingHttpHeaders[] = [];
    const { url } = await answering((request, response) => {
      seen.push(request.headers);
      response.end('ok');
    });
    const result = await probe(surface(url));
    expect(result).toEqual({ outcome: 'up', latencyMs: expect.any(Number), httpStatus: 200, error: null });
    expect(Number.isInteger(result.latencyMs)).toBe(true);
    expect(seen[0]).toMatchObject({ 'user-agent': 'auto-ticketing', connection: 'close' });
  });

  it('is slow when it takes longer than its limit', async () => {
    const { url } = await answering((_, response) => void setTimeout(() => response.end('ok'), 40));
    expect(await probe(surface(url, { degradedAfterMs: 1 }))).toMatchObject({
      outcome: 'slow',
      httpStatus: 200,
      error: 'slower than 1 ms',
    });
  });

  it.each([429, 503])('HTTP %i with Retry-After is slow, without it down', async (status) => {
    const { url } = await answering((request, response) => {
      response.writeHead(status, request.url === '/later' ? { 'retry-after': '5' } : {}).end();
    });
    expect(await probe(surface(`${url}later`))).toMatchObject({
      outcome: 'slow',
      httpStatus: status,
      overloaded: true,
    });
    const without = await probe(surface(url));
    expect(without).toMatchObject({ outcome: 'down', httpStatus: status });
    expect(without).not.toHaveProperty('overloaded');
  });

  it('is down outside the expected statuses', async () => {
    const { url } = await answering((_, response) => response.writeHead(500).end('oops'));
    expect(await probe(surface(url))).toMatchObject({
      outcome: 'down',
      httpStatus: 500,
      error: 'HTTP 500, expected 200 to 299',
    });
  });

  it('is up at any status that is expected', async () => {
    const { url } = await answering((_, response) => response.writeHead(404).end());
    const expects = { expect: { status: [404, 404] as [number, number], bodyContains: null } };
    expect(await probe(surface(url, expects))).toMatchObject({ outcome: 'up', httpStatus: 404 });
  });

  it('is down when it redirects, and the redirect is not followed', async () => {
    let requests = 0;
    const { url } = await answering((_, response) => {
      requests += 1;
      response.writeHead(302, { location: 'http://login.example:8080/in?token=secret' }).end();
    });
    expect(await probe(surface(url))).toMatchObject({
      outcome: 'down',
      httpStatus: 302,
      error: 'HTTP 302, redirect to login.example:8080',
    });
    expect(requests).toBe(1);
  });

  it('gets a new connection for each check', async () => {
    const ports = new Set<number | undefined>();
    const { url } = await answering((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('ok');
    });
    await probe(surface(url));
    await probe(surface(url));
    expect(ports.size).toBe(2);
  });
});

describe('the expected text', () => {
  it('is found across two chunks, without waiting for the rest', async () => {
    const { url } = await answering((_, response) => {
      response.write('all systems op');
      setTimeout(() => response.write('erational äöü and then nothing more'), 20);
    });
    expect(await probe(surface(url, contains('operational äöü')))).toMatchObject({ outcome: 'up' });
  });

  it('is reported when it is missing', async () => {
    const { url } = await answering((_, response) => response.end('maintenance page'));
    expect(await probe(surface(url, contains('operational')))).toMatchObject({
      outcome: 'down',
      httpStatus: 200,
      error: 'the body does not contain the expected text',
    });
  });

  it('is found in a compressed body', async () => {
    const { url } = await answering((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('all is operational')),
    );
    expect(await probe(surface(url, contains('operational')))).toMatchObject({ outcome: 'up' });
  });

  it('is searched only in the first megabyte', async () => {
    let written = 0;
    const { url, sockets } = await answering((_, response) => {
      const chunk = Buffer.alloc(65_536, 'x');
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) written += chunk.length;
      };
      response.on('drain', more);
      more();
    });
    expect(await probe(surface(url, contains('operational')))).toMatchObject({ outcome: 'down', httpStatus: 200 });
    await expect.poll(() => sockets.size).toBe(0);
    expect(written).toBeLessThan(64 * 1_048_576);
  });

  it('is not searched in a body that decompresses without end', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1_048_576));
    const { url, sockets } = await answering((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    const before = process.memoryUsage().arrayBuffers;
    expect(await probe(surface(url, contains('operational')))).toMatchObject({ outcome: 'down', httpStatus: 200 });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 1_048_576);
    await expect.poll(() => sockets.size).toBe(0);
  });
});

describe('a surface that does not answer as it should', () => {
  const hasty = { timeoutMs: 150 };

  it.each<[string, http.RequestListener]>([
    ['says nothing', () => {}],
    ['never ends its headers', ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\nx-slow: ')],
    [
      'drips its body',
      (_, response) => {
        response.write('o');
        const drip = setInterval(() => (response.destroyed ? clearInterval(drip) : response.write('o')), 10);
      },
    ],
  ])('is down in time when it %s', async (_, listener) => {
    const { url, sockets } = await answering(listener);
    expect(await probe(surface(url, { ...hasty, ...contains('never') }))).toEqual({
      outcome: 'down',
      latencyMs: null,
      httpStatus: null,
      error: 'no complete answer within 150 ms',
    });
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('is down in time when its name is never resolved', async () => {
    const names = { resolve: () => new Promise<never>(() => {}), isResolving: () => true };
    const result = await probeWith({ names })(surface('http://surface.example/', hasty));
    expect(result).toMatchObject({
      outcome: 'down',
      error: 'the name surface.example could not be resolved: no answer from the name servers within 150 ms',
    });
  });

  it.each<[string, (socket: Socket) => void, RegExp]>([
    ['resets', (socket) => socket.resetAndDestroy(), /ECONNRESET/],
    ['hangs up', (socket) => socket.destroy(), /ECONNRESET|hang up/],
    ['talks nonsense', (socket) => socket.end('SSH-2.0-OpenSSH\r\n'), /HPE_/],
    [
      'has endless headers',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`),
      /HPE_HEADER_OVERFLOW/,
    ],
    ['breaks off', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nok'), /aborted|ECONNRESET/],
    [
      'packs badly',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope'),
      /Z_DATA_ERROR/,
    ],
  ])('is down when it %s', async (_, act, why) => {
    const { url } = await answering(({ socket }) => act(socket));
    expect(await probe(surface(url))).toMatchObject({
      outcome: 'down',
      latencyMs: null,
      error: expect.stringMatching(why),
    });
  });

  it('is down when nothing listens', async () => {
    const { url } = await answering(() => {});
    for (const { server } of running.splice(0)) server.close();
    expect(await probe(surface(url))).toMatchObject({
      outcome: 'down',
      error: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('is down when its certificate cannot be trusted', async () => {
    const pem = (kind: string) => readFileSync(`test/fixtures/tls/self-signed.${kind}`);
    const { url } = await serve(
      https.createServer({ key: pem('key'), cert: pem('crt') }, (_, response) => response.end('ok')),
    );
    expect(await probe(surface(url))).toMatchObject({
      outcome: 'down',
      error: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
    });
  });

  it('is down when its address is refused', async () => {
    const { url } = await answering((_, response) => response.end('ok'));
    const strict = probeWith({ allowPrivate: false });
    expect(await strict(surface(url))).toMatchObject({
      outcome: 'down',
      error: expect.stringContaining('ADDRESS_REFUSED'),
    });
    expect(await probe(surface('http://169.254.169.254/latest/meta-data/'))).toMatchObject({
      outcome: 'down',
      error: 'ADDRESS_REFUSED: 169.254.169.254 is a link-local address and must not be checked',
    });
  });

  it('has an error of at most 200 characters on one line', async () => {
    const why = `no\n\u0000\u001b[31m such\u202e name ${'😀'.repeat(300)}`;
    const names = { resolve: () => Promise.reject(new Error(why)), isResolving: () => false };
    const { error } = await probeWith({ names })(surface('http://surface.example/'));
    expect(error?.length).toBeLessThanOrEqual(200);
    expect(error).toMatch(/^no \[31m such name 😀+$/u);
  });
});

describe('a cancelled check', () => {
  it('ends at once with the error "cancelled"', async () => {
    const stop = new AbortController();
    const { url } = await answering(() => stop.abort());
    expect(await probe(surface(url), stop.signal)).toMatchObject({ error: 'cancelled' });
    expect(await probe(surface(url), stop.signal)).toMatchObject({ error: 'cancelled' });
  });
});
