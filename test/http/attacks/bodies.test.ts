import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { bearer, SIGN_IN, start, TOKENS } from '../support.ts';

it('a body that is compressed wrongly does not keep the next request on its connection waiting', async () => {
  const app = await start({ env: SIGN_IN });
  // A proxy sends the requests of many people on one connection.
  const connection = open(app.url);
  const form = ['Content-Type: application/x-www-form-urlencoded', 'Content-Encoding: gzip'];
  connection.send(['POST /sign-out HTTP/1.1', ...form, `Content-Length: ${LARGE.length}`], LARGE);
  await connection.gets('400 Bad Request');
  connection.send(['GET /healthz HTTP/1.1']);
  await connection.gets('{"status":"ok"');
});

it('strangers who do not send their bodies hold no more memory than their share, and keep no alerts waiting', async () => {
  const app = await start({ env: SIGN_IN });
  const head = ['POST /api/webhooks/freescout HTTP/1.1', `Content-Length: ${LARGE.length}`];
  // The share of one network is 4 MiB.
  const stalled = Array.from({ length: 4 }, () => open(app.url));
  for (const each of stalled) each.send([...head, 'Expect: 100-continue']);
  for (const each of stalled) await each.gets('100 Continue');

  const next = open(app.url);
  next.send([...head, 'X-FreeScout-Signature: right'], LARGE);
  const alert = { alert_id: 'disk', severity: 'P1', status: 'firing', title: 'Disk full' };
  const alerts = { source: 'prometheus', alerts: [alert], unknown: LARGE };
  expect((await app.post('/api/alerts', alerts, bearer(TOKENS.prometheus))).status).toBe(202);
  expect(next.received()).toBe('');
  stalled[0]?.close();
  await next.gets('200 OK');
});

const LARGE = 'x'.repeat(1_000_000);

/** A connection on which requests are sent as they are. It ends with the test. */
function open(url: string) {
  const { hostname, port } = new URL(url);
  let received = '';
  const socket = connect(Number(port), hostname);
  socket.on('data', (data) => {
    received += data;
  });
  socket.on('error', () => undefined);
  const close = () => void socket.destroy();
  onTestFinished(close);
  return {
    send: (head: string[], body = '') =>
      void socket.write(`${[...head, 'Host: localhost'].join('\r\n')}\r\n\r\n${body}`),
    received: () => received,
    gets: (text: string) => expect.poll(() => received).toContain(text),
    close,
  };
}
