import http from 'node:http';
import type { AddressInfo } from 'node:net';
import nock from 'nock';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createNames } from '../../src/net/names.ts';
import { createProbe } from '../../src/surfaces/probe.ts';
import { parseSurfaces } from '../../src/surfaces/surfacesFile.ts';
import { bareSystem, type NameServer, startNameServer } from '../support/nameServer.ts';
import { startSlowListener } from '../support/slowListener.ts';

let nameServer: NameServer;
const server = http.createServer((_, response) => response.end('ok'));
let port = 0;

beforeAll(async () => {
  // nock replaces sockets, but these tests need real ones.
  nock.restore();
  nameServer = await startNameServer({});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  nock.activate();
  server.close();
  await nameServer.close();
});

const probeWith = (allowPrivate = true) =>
  createProbe({
    allowPrivate,
    log: { debug: () => {} },
    names: createNames({ servers: [nameServer.address], system: bareSystem() }),
  });
const surface = (url: string, fields: object = {}) => {
  const [parsed] = parseSurfaces(JSON.stringify({ surfaces: [{ id: 'a', name: 'A', url, ...fields }] }), 'test');
  if (!parsed) throw new Error('no surface');
  return parsed;
};

it.each([8, 80])('surfaces stay up beside %i whose names get no answer', async (count) => {
  const probe = probeWith();
  const silent = Array.from({ length: count }, (_, n) => `silent-${n}.example`);
  const healthy = Array.from({ length: 4 }, (_, n) => `healthy-${n}.example`);
  for (const name of silent) nameServer.zone[name] = 'silent';
  for (const name of healthy) nameServer.zone[name] = { a: ['127.0.0.1'] };
  const ended: string[] = [];
  const check = async (name: string) => {
    const limits = { timeout_ms: 4_000, degraded_after_ms: 4_000 };
    const result = await probe(surface(`http://${name}:${port}/`, limits));
    ended.push(name);
    return result;
  };
  const failing = silent.map(check);
  expect(await Promise.all(healthy.map(check))).toEqual(healthy.map(() => expect.objectContaining({ outcome: 'up' })));
  // All of them were up before any of the others had failed.
  expect(ended.sort()).toEqual(healthy);
  for (const [n, result] of (await Promise.all(failing)).entries()) {
    expect(result).toMatchObject({
      outcome: 'down',
      error: `the name silent-${n}.example could not be resolved: no answer from the name servers within 4000 ms`,
    });
  }
});

it('a surface is up whose connection takes a second, although its other address cannot be reached', async () => {
  const slow = await startSlowListener(port);
  try {
    nameServer.zone['far.example'] = { a: ['127.0.0.1'], aaaa: ['::1'] };
    await slow.beSlow();
    const result = await probeWith()(surface(`http://far.example:${slow.port}/`, { timeout_ms: 30_000 }));
    expect(result).toMatchObject({
      httpStatus: 200,
      error: expect.toSatisfy((error) => error?.startsWith('slower') ?? true),
    });
    expect(result.latencyMs).toBeGreaterThan(300);
  } finally {
    await slow.close();
  }
});

it('the error of a surface with two addresses names both', async () => {
  nameServer.zone['closed.example'] = { a: ['127.0.0.1'], aaaa: ['::1'] };
  const { error } = await probeWith()(surface('http://closed.example:1/'));
  expect(error).toMatch(/^connect ECONNREFUSED 127\.0\.0\.1:1; connect \w+ ::1:1/);
});

it('a surface is refused for one private address among its addresses of both families', async () => {
  nameServer.zone['mixed.example'] = { a: ['192.0.2.1'], aaaa: ['::1'] };
  expect(await probeWith(false)(surface(`http://mixed.example:${port}/`))).toMatchObject({
    outcome: 'down',
    error: expect.stringContaining('ADDRESS_REFUSED'),
  });
});
