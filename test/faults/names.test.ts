import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import nock from 'nock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNames } from '../../src/net/names.ts';
import { bareSystem } from '../support/nameServer.ts';
import { createLedger } from './ledger.ts';
import { type Names, startNames } from './names.ts';
import { NAME_FAULTS, type NameFault } from './planFaults.ts';

const server = createServer((_request, response) => response.end('ours'));
let names: Names;
let port: number;
let name: string;

// The servers are real ones.
beforeAll(async () => {
  nock.restore();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
  names = await startNames(createLedger());
  name = new URL(names.named('freescout', `http://127.0.0.1:${port}`)).hostname;
});
afterAll(async () => {
  await names.stop();
  await new Promise((resolve) => server.close(resolve));
  nock.activate();
});

const EXPECTED: Record<NameFault, string[] | 'EAI_AGAIN'> = {
  name_silent: 'EAI_AGAIN',
  name_failing: 'EAI_AGAIN',
  name_late: ['127.0.0.1'],
  name_wrong: ['127.0.0.66'],
  name_half_silent: ['127.0.0.1'],
  name_first_address_dead: ['127.0.0.67', '127.0.0.1'],
  name_ipv4_dead: ['127.0.0.67', '::1'],
};

test('each fault gives the answer that it is named after, and ends', async () => {
  const resolved = () =>
    createNames({ servers: [names.server], system: bareSystem() })
      .resolve(name)
      .then(
        (found) => found.map(({ address }) => address),
        (error: { code: string }) => error.code,
      );
  for (const what of NAME_FAULTS) {
    let end = () => undefined as unknown;
    const over = names.break(0, what, new Promise((resolve) => (end = () => resolve(undefined))));
    await expect.poll(resolved).toEqual(EXPECTED[what]);
    end();
    await over;
    expect(await resolved()).toEqual(['127.0.0.1']);
  }
});

test('the wrong address leads to a page of somebody else, and the IPv6 address to the server', async () => {
  const text = async (host: string) => (await fetch(`http://${host}:${port}/`)).text();
  await names.break(0, 'name_late', Promise.resolve());
  expect(await text('127.0.0.66')).toContain('for sale');
  expect(await text('[::1]')).toBe('ours');
});
