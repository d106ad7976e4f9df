import http from 'node:http';
import type { AddressInfo } from 'node:net';
import nock from 'nock';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createLog } from '../../../src/log/log.ts';
import type { Resolve } from '../../../src/net/resolve.ts';
import { createProbe, type ProbeDeps } from '../../../src/surfaces/probe.ts';
import { parseSurfaces } from '../../../src/surfaces/surfacesFile.ts';

// The mocking library replaces sockets; here the real ones are what is tested.
beforeAll(() => nock.restore());
afterAll(() => nock.activate());

/** The result of a check of this address; `served` is the number of requests that reached this machine. */
async function check(
  url: (port: number) => string,
  deps: Partial<ProbeDeps> = {},
  location?: (port: number) => string,
) {
  let served = 0;
  const server = http.createServer((_, response) => {
    served += 1;
    if (location && served === 1) response.writeHead(302, { location: location(port) });
    response.end('secrets of this machine');
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const [surface] = parseSurfaces(JSON.stringify({ surfaces: [{ id: 'x', name: 'X', url: url(port) }] }), 'test');
  if (!surface) throw new Error('there is no surface');
  const probe = createProbe({ allowPrivate: true, log: createLog({ level: 'silent' }), ...deps });
  return { ...(await probe({ ...surface, timeoutMs: 20_000, degradedAfterMs: 20_000 })), served };
}

const REFUSED = { outcome: 'down', error: expect.stringContaining('ADDRESS_REFUSED'), served: 0 };

describe('surfaces on the metadata service', () => {
  it.each([
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '0xa9.0xfe.0xa9.0xfe',
    '0251.0376.0251.0376',
    '169.254.43518',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:a9fe:a9fe::1]',
    '[fd00:ec2::254]',
    'metadata.google.internal',
  ])('%s', async (host) => {
    expect(await check(() => `http://${host}/latest/meta-data/`)).toMatchObject(REFUSED);
  });
});

describe('surfaces on this machine without private addresses', () => {
  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    'localhost',
    '[::1]',
    '[::ffff:7f00:1]',
    '0.0.0.0',
  ])('%s', async (host) => {
    const strict = { allowPrivate: false };
    expect(await check((port) => `http://${host}:${port}/`, strict)).toMatchObject(REFUSED);
  });
});

const resolving = (resolve: Resolve): NonNullable<ProbeDeps['names']> => ({ resolve, isResolving: () => false });

describe('redirects and names of surfaces', () => {
  it.each([
    ['the metadata service', () => 'http://169.254.169.254/latest/meta-data/'],
    ['this machine', (port: number) => `http://127.0.0.1:${port}/secret`],
    ['a file', () => 'file:///etc/passwd'],
  ])('a check does not follow a redirect to %s', async (_, location) => {
    const result = await check((port) => `http://127.0.0.1:${port}/`, {}, location);
    expect(result).toMatchObject({ outcome: 'down', httpStatus: 302, served: 1 });
  });

  it('a check of a name that later resolves to a bad address is refused (DNS rebinding)', async () => {
    let asked = 0;
    const names = resolving(async () => {
      asked += 1;
      return [{ address: asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    });
    expect(await check((port) => `http://flips.example:${port}/`, { names })).toMatchObject({
      outcome: 'up',
      served: 1,
    });
    // The first lookup is not cached, and the connection goes to an address that was tested.
    expect(await check((port) => `http://flips.example:${port}/`, { names })).toMatchObject(REFUSED);
    expect(asked).toBe(2);
  });

  it('a check of a name with a good and a bad address is refused', async () => {
    const names = resolving(async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '169.254.169.254', family: 4 },
    ]);
    expect(await check((port) => `http://both.example:${port}/`, { names })).toMatchObject(REFUSED);
  });
});

it.each([
  'file:///etc/passwd',
  'gopher://127.0.0.1/',
  'http://user:secret@127.0.0.1/',
  'javascript:1',
  'ftp://x.example/',
])('a surfaces file with the address %s is refused as a whole', (url) => {
  expect(() => parseSurfaces(JSON.stringify({ surfaces: [{ id: 'x', name: 'X', url }] }), 'test')).toThrow(/url/);
});
