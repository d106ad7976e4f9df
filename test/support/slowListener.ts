import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** With a backlog of one, Linux queues two new connections and drops the first packet of a third. */
const QUEUE = 2;

/**
 * A way to the server on this port of 127.0.0.1 whose queue of new connections is full, so that the next connection takes
 * a second: the kernel drops its first packet, and it is sent again. As soon as that packet is dropped, connections are
 * taken again.
 */
export async function startSlowListener(serverPort: number) {
  const worker = new Worker(RELAY, { eval: true, workerData: serverPort });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  // The state 0A is that of a listener, and the number behind it the length of its queue; both are hexadecimal.
  const isFull = new RegExp(`:${hex(port)} 00000000:0000 0A [0-9A-F]{8}:0*${QUEUE} `);
  const fillers: Socket[] = [];
  return {
    port,
    /** Resolves once the queue is full. */
    async beSlow() {
      await new Promise<void>((resolve) => {
        worker.once('message', () => resolve());
        worker.postMessage(hex(port));
      });
      for (let n = 0; n < QUEUE; n += 1) fillers.push(connect(port, '127.0.0.1').on('error', () => {}));
      while (!isFull.test(readFileSync('/proc/net/tcp', 'utf8'))) await sleep(5);
    },
    async close() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}

const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

/** Its thread stands still until a connection to it has sent its first packet and got no answer, which is the state 02. */
const RELAY = `
  const { readFileSync } = require('node:fs');
  const { connect, createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const relay = createServer((client) => {
    const server = connect(workerData, '127.0.0.1');
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
    client.pipe(server).pipe(client);
  });
  relay.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => parentPort.postMessage(relay.address().port));
  const pause = new Int32Array(new SharedArrayBuffer(4));
  parentPort.on('message', (port) => {
    parentPort.postMessage('blocked');
    while (!readFileSync('/proc/net/tcp', 'utf8').includes(':' + port + ' 02 ')) Atomics.wait(pause, 0, 0, 5);
  });
`;
