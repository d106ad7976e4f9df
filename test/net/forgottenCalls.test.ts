import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOutgoing } from '../../src/net/outgoing.ts';
import { collectGarbage } from '../support/collectGarbage.ts';

/** Answers at once or, in part, and then not any more. */
const server = createServer(({ url }, response) => {
  response.write('{');
  if (url === '/quick') response.end('}');
});
beforeAll(() => new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Enough that V8 optimizes the functions of a call: they keep only what they still use. */
const CALLS = 8_000;
const AT_ONCE = 20;

it('a call without an answer ends at its abort in a process that has made many calls and collected their garbage', async () => {
  const { fetch } = createOutgoing();
  const call = (path: string, signal: AbortSignal) =>
    fetch(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
      { method: 'POST', body: '{}', signal },
      1_000,
    );
  for (let made = 0; made < CALLS; made += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => call('/quick', new AbortController().signal)));
  }
  const callers = Array.from({ length: AT_ONCE }, () => new AbortController());
  const arrived = new Promise<void>((all) => {
    let requests = 0;
    server.on('request', () => {
      requests += 1;
      if (requests === AT_ONCE) all();
    });
  });
  const answers = callers.map(({ signal }) => call('/silent', signal).catch((error: unknown) => error));
  await arrived;
  collectGarbage();
  for (const caller of callers) caller.abort(new Error('too late'));
  for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ message: 'too late' });
});
