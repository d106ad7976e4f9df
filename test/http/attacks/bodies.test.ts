import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { SIGN_IN, start } from '../support.ts';

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
  onTestFinished(() => void socket.destroy());
  return {
    send: (head: string[], body = '') =>
      void socket.write(`${[...head, 'Host: localhost'].join('\r\n')}\r\n\r\n${body}`),
    gets: (text: string) => expect.poll(() => received).toContain(text),
  };
}
