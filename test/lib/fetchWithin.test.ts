import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fetchWithin } from '../../src/lib/fetchWithin.ts';
import { collectGarbage } from '../support/collectGarbage.ts';

const server = createServer(({ url }, response) => {
  if (url === '/silent') return;
  response.writeHead(201, { 'retry-after': '3' });
  if (url === '/half') response.write('{');
  else response.end('{}');
});
beforeAll(() => new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const call = (ms: number, path: string) =>
  fetchWithin(ms, `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method: 'POST', body: '{}' });

it('a response is returned with its status, headers and text', async () => {
  const { status, headers, text } = await call(60_000, '/');
  expect([status, headers.get('retry-after'), text]).toEqual([201, '3', '{}']);
});

it.each(['/silent', '/half'])(
  'a request to %s ends at its time limit, whatever was collected as garbage',
  async (path) => {
    const arrived = new Promise<void>((resolve) => server.once('request', () => resolve()));
    const answer = call(1_000, path).catch((error: unknown) => error);
    await arrived;
    collectGarbage();
    expect(await answer).toMatchObject({ name: 'TimeoutError' });
  },
);
