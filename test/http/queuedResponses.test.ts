import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { start } from './support.ts';

it('requests that were sent ahead of an answer end with their connection', async () => {
  const ended: string[] = [];
  let begun = 0;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const app = await start({
    services: {
      async readiness() {
        begun += 1;
        await finished;
        return { ready: true, checks: {} };
      },
      countRequest: ({ route }) => void ended.push(route ?? 'none'),
    },
  });
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(`GET /readyz HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`.repeat(20));
  await expect.poll(() => begun).toBe(20);
  socket.destroy();
  await expect.poll(() => ended).toHaveLength(20);
  finish();
  expect((await app.get('/healthz')).status).toBe(200);
  expect(ended).toHaveLength(21);
});
