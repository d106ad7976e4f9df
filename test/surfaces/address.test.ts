import http from 'node:http';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import fc from 'fast-check';
import nock from 'nock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAgents } from '../../src/net/agents.ts';
import { createNames } from '../../src/net/names.ts';
import type { Resolve } from '../../src/net/resolve.ts';
import {
  AddressRefusedError,
  guardAgents,
  guardedResolve,
  isRefusedName,
  refusalReason,
} from '../../src/surfaces/address.ts';

const agents = (allowPrivate: boolean, resolve: Resolve = createNames().resolve) =>
  guardAgents(createAgents({ proxy: null, trust: null, resolve: guardedResolve(allowPrivate, resolve) }), allowPrivate);

const NEVER = [
  '169.254.169.254',
  '169.254.0.1',
  '0xa9fea9fe',
  '2852039166',
  '0251.0376.0251.0376',
  '169.254.43518',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '[::ffff:169.254.169.254]',
  '::169.254.169.254',
  '64:ff9b::169.254.169.254',
  '2002:a9fe:a9fe::',
  'fe80::1',
  'fe80::1%eth0',
  'febf::1',
  'fd00:ec2::254',
  'fd20:ce::254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '0.0.0.0',
  '0.1.2.3',
  '::',
  '224.0.0.1',
  '239.255.255.255',
  'ff02::1',
  '255.255.255.255',
  'no address',
  '',
];

const PRIVATE = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '::1',
  '::ffff:127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '64:ff9b::10.0.0.1',
  '2002:0a00:0001::',
  'fc00::1',
  'fd12:3456::1',
  'fec0::1',
  '100.64.0.1',
  '198.18.0.1',
  '240.0.0.1',
];

const PUBLIC = ['93.184.216.34', '8.8.8.8', '172.32.0.1', '::ffff:8.8.8.8', '2606:4700::1111', '64:ff9b::8.8.8.8'];

describe('an address', () => {
  it.each(NEVER)('%s is always refused', (address) => {
    expect(refusalReason(address, true)).not.toBeNull();
    expect(refusalReason(address, false)).not.toBeNull();
  });

  it.each(PRIVATE)('%s is refused only where private addresses are', (address) => {
    expect(refusalReason(address, true)).toBeNull();
    expect(refusalReason(address, false)).not.toBeNull();
  });

  it.each(PUBLIC)('%s is never refused', (address) => {
    expect(refusalReason(address, true)).toBeNull();
    expect(refusalReason(address, false)).toBeNull();
  });

  it('gets the same verdict in every notation of IPv4', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.boolean(), (plain, allowPrivate) => {
        const [a = 0, b = 0, c = 0, d = 0] = plain.split('.').map(Number);
        const number = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
        const hex = number.toString(16).padStart(8, '0');
        const verdict = refusalReason(plain, allowPrivate) === null;
        for (const spelling of [
          String(number),
          `0x${hex}`,
          `::ffff:${plain}`,
          `::ffff:${hex.slice(0, 4)}:${hex.slice(4)}`,
        ]) {
          expect([spelling, refusalReason(spelling, allowPrivate) === null]).toEqual([spelling, verdict]);
        }
      }),
    );
  });
});

describe('a name', () => {
  it('of a metadata service is refused before it is looked up', () => {
    expect(isRefusedName('Metadata.Google.Internal.')).toBe(true);
    expect(isRefusedName('status.google.com')).toBe(false);
  });

  const look = (...addresses: string[]) =>
    guardedResolve(false, async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })))(
      'surface.example',
    );

  it('that resolves to an allowed address returns it', async () => {
    expect(await look('8.8.8.8')).toEqual([{ address: '8.8.8.8', family: 4 }]);
  });

  it('that resolves to an allowed and a refused address is refused', async () => {
    await expect(look('8.8.8.8', '127.0.0.1')).rejects.toThrow(AddressRefusedError);
  });

  it('that does not resolve fails with the original error', async () => {
    const resolve = guardedResolve(false, () => Promise.reject(new Error('ENOTFOUND')));
    await expect(resolve('surface.example')).rejects.toThrow('ENOTFOUND');
  });
});

describe('an agent', () => {
  // nock replaces sockets, but these tests need real ones.
  beforeAll(() => nock.restore());
  afterAll(() => nock.activate());

  async function asked(host: string, allowPrivate: boolean, resolve?: Resolve): Promise<number> {
    let requests = 0;
    const server = http.createServer((_, response) => {
      requests += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://${host}:${(server.address() as AddressInfo).port}/`;
    await axios.get(url, { ...agents(allowPrivate, resolve), proxy: false }).finally(() => server.close());
    return requests;
  }

  it('reaches an allowed address', async () => {
    expect(await asked('127.0.0.1', true)).toBe(1);
    expect(await asked('localhost', true)).toBe(1);
  });

  it.each(['127.0.0.1', '2130706433', '0x7f.1', 'localhost'])(
    'does not reach %s where private addresses are refused',
    async (host) => {
      await expect(asked(host, false)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    },
  );

  it('does not reach the metadata service in any way', async () => {
    await expect(asked('[::ffff:169.254.169.254]', true)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    await expect(asked('metadata.google.internal', true)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  });

  it('does not reach a name that resolves differently each time', async () => {
    let turn = 0;
    const flips: Resolve = async () => {
      turn += 1;
      return [{ address: turn === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    };
    expect(await asked('flips.example', true, flips)).toBe(1);
    await expect(asked('flips.example', true, flips)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  });
});
