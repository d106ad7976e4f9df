import http from 'node:http';
import type { AddressInfo } from 'node:net';
import nock from 'nock';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAgents } from '../../src/net/agents.ts';
import { startSlowListener } from '../support/slowListener.ts';

beforeAll(() => {
  // nock replaces sockets, but these tests need real ones.
  nock.restore();
});
afterAll(() => nock.activate());

const [SLOW, OTHER] = ['127.0.0.1', '127.0.0.2'];

/** Answers with the address at which the request arrived. */
const newServer = () => http.createServer(({ socket }, response) => response.end(socket.localAddress));

const listen = (server: http.Server, port: number, host: string): Promise<number> =>
  new Promise((resolve) => server.listen(port, host, () => resolve((server.address() as AddressInfo).port)));

const get = (agent: http.Agent, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const request = http.get({ host: 'two.example', port, agent }, (response) => {
      response.setEncoding('utf8').on('data', resolve);
    });
    request.on('error', reject);
  });

it('an address that did not answer in time is tried last, until the others do not answer', async () => {
  const [behind, other] = [newServer(), newServer()];
  const slow = await startSlowListener(await listen(behind, 0, SLOW));
  await listen(other, slow.port, OTHER);
  const { httpAgent } = createAgents({
    proxy: null,
    trust: null,
    resolve: async () => [SLOW, OTHER].map((address) => ({ address, family: 4 })),
    attemptMs: 100,
  });
  try {
    await slow.beSlow();
    expect(await get(httpAgent, slow.port)).toBe(OTHER);
    expect(await get(httpAgent, slow.port)).toBe(OTHER);
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
    expect(await get(httpAgent, slow.port)).toBe(SLOW);
    await listen(other, slow.port, OTHER);
    expect(await get(httpAgent, slow.port)).toBe(SLOW);
  } finally {
    await slow.close();
    for (const server of [behind, other]) server.close();
  }
});
