import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/**
 * A web server on 127.0.0.1 whose queue of new connections is full for a moment, so that a connection takes about a second:
 * the kernel drops the first packet, and it is sent again.
 */
export async function startSlowListener() {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(SERVER, { eval: true, workerData: gate });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const fillers: Socket[] = [];
  return {
    port,
    /** Fills the queue, and lets the server take connections again after `ms`. */
    async beSlowFor(ms: number) {
      await new Promise<void>((resolve) => {
        worker.once('message', () => resolve());
        worker.postMessage('block');
      });
      for (let n = 0; n < 4; n += 1) fillers.push(connect(port, '127.0.0.1').on('error', () => {}));
      await new Promise((resolve) => setTimeout(resolve, 50));
      setTimeout(() => {
        Atomics.store(gate, 0, 1);
        Atomics.notify(gate, 0);
      }, ms);
    },
    async close() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}

const SERVER = `
  const { parentPort, workerData: gate } = require('node:worker_threads');
  const server = require('node:http').createServer((_, response) => response.end('ok'));
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => parentPort.postMessage(server.address().port));
  parentPort.on('message', () => {
    Atomics.store(gate, 0, 0);
    parentPort.postMessage('blocked');
    Atomics.wait(gate, 0, 0);
  });
`;
