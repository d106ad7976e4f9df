import http from 'node:http';
import net from 'node:net';
import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib';
import { createLoopDelay } from '../../src/lib/loopDelay.ts';
import type { Random } from '../faults/random.ts';
import type { Input } from './requests.ts';

/** A response. Status 0: the connection was closed without one, which is correct only for a malformed request. Status -1: Node refused to send it. */
interface Received {
  status: number;
  type: string;
  body: string;
}

export interface Output extends Received {
  ms: number;
  /** For how much of that this process, which is the server too, stood still. */
  stoodStillMs: number;
}

/** Longer than any response may take. */
const TIMEOUT_MS = 30_000;
/** How long the sender of a malformed request waits before it closes the connection. */
const HANG_MS = 150;
const MAX_READ = 262_144;
const DELAY_CHECK_MS = 100;

export function createSender(url: string) {
  const { hostname, port } = new URL(url);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const delay = createLoopDelay(DELAY_CHECK_MS);

  return {
    async send(input: Input, random: Random): Promise<Output> {
      const began = performance.now();
      const received = await (input.wire === null ? whole(input) : broken(input, random));
      const ms = performance.now() - began;
      return { ...received, ms, stoodStillMs: delay.within(ms) };
    },
    close() {
      agent.destroy();
      delay.stop();
    },
  };

  function whole({ method, target, headers, body }: Input): Promise<Received> {
    return new Promise((resolve) => {
      const end = (status: number, type = '', text = '') => resolve({ status, type, body: text });
      let request: http.ClientRequest;
      try {
        const length = body === null ? {} : { 'Content-Length': String(body.length) };
        request = http.request({
          hostname,
          port,
          agent,
          method,
          path: target,
          headers: { ...headers, ...length },
          timeout: TIMEOUT_MS,
        });
      } catch {
        // Node's client refuses to send it.
        return end(-1);
      }
      request.on('timeout', () => request.destroy());
      request.on('error', () => end(0));
      request.on('response', (response) => {
        const { statusCode: status = 0 } = response;
        const type = response.headers['content-type'] ?? '';
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size <= MAX_READ) chunks.push(chunk);
          // An event stream never ends.
          if (type.startsWith('text/event-stream')) response.destroy();
        });
        response.on('error', () => undefined);
        const encoding = response.headers['content-encoding'];
        response.on('close', () => end(status, type, decompressed(Buffer.concat(chunks), encoding).toString()));
      });
      request.end(body ?? undefined);
    });
  }

  /** Sends a malformed request on a new connection. */
  function broken(input: Input, random: Random): Promise<Received> {
    return new Promise((resolve) => {
      const socket = net.connect({ host: hostname, port: Number(port) });
      const chunks: Buffer[] = [];
      const hang = setTimeout(() => socket.destroy(), HANG_MS);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('close', () => {
        clearTimeout(hang);
        const text = Buffer.concat(chunks).toString('latin1');
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
        resolve({ status, type: '', body: text.slice(0, MAX_READ) });
      });
      socket.write(bytesOf(input, random));
      if (random.chance(0.3)) socket.end();
    });
  }
}

function bytesOf({ wire, method, target, headers, body }: Input, random: Random): Buffer {
  const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}`);
  const head = (...more: string[]) =>
    Buffer.from(`${method} ${target} HTTP/1.1\r\n${[...lines, ...more].join('\r\n')}\r\n\r\n`, 'latin1');
  const content = body ?? Buffer.from('{}');
  switch (wire) {
    case 'half':
      return Buffer.concat([head(`Content-Length: ${content.length + random.whole(1, 5_000)}`), content]);
    case 'chunks':
      return Buffer.concat([
        head('Transfer-Encoding: chunked'),
        Buffer.from(`${random.pick([content.length.toString(16), 'zz', '-1', 'ffffffffffffffff', '5;ext=1'])}\r\n`),
        content,
        Buffer.from(random.pick(['\r\n0\r\n\r\n', '\r\n', '', '\r\n0\r\nX: y\r\n\r\n'])),
      ]);
    case 'smuggle':
      return Buffer.concat([
        head(`Content-Length: ${content.length}`, 'Transfer-Encoding: chunked'),
        content,
        Buffer.from('0\r\n\r\n'),
      ]);
    case 'head':
      return head(
        random.pick([
          'No colon',
          'X: \u0000',
          ': x',
          `X: ${'y'.repeat(20_000)}`,
          'Content-Length: -5',
          'Content-Length: 5, 6',
          'Expect: 100-continue',
          'Upgrade: h2c\r\nConnection: Upgrade',
        ]),
      );
    default:
      return Buffer.from(Array.from({ length: random.whole(1, 300) }, () => random.whole(0, 255)));
  }
}

/** Decompresses a body that may be truncated. */
function decompressed(bytes: Buffer, encoding: string | undefined): Buffer {
  if (bytes.length === 0) return bytes;
  const cutOff = { finishFlush: constants.Z_SYNC_FLUSH };
  if (encoding === 'gzip') return gunzipSync(bytes, cutOff);
  if (encoding === 'deflate') return inflateSync(bytes, cutOff);
  if (encoding === 'br') return brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH });
  return bytes;
}
