import http, { type OutgoingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A small client that measures: it keeps its connections open and reads answers without decoding them. */

const agent = new http.Agent({ keepAlive: true, maxSockets: 512 });

export interface Received {
  /** Milliseconds until the last byte. */
  ms: number;
  /** Size as transferred. */
  bytes: number;
  text(): string;
}

export function get(url: string, headers: OutgoingHttpHeaders = {}): Promise<Received> {
  return send('GET', url, undefined, headers);
}

export function post(url: string, body: unknown): Promise<Received> {
  return send('POST', url, JSON.stringify(body), { 'content-type': 'application/json', accept: 'application/json' });
}

function send(method: string, url: string, body: string | undefined, headers: OutgoingHttpHeaders): Promise<Received> {
  const from = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const all = Buffer.concat(chunks);
        const { statusCode = 0 } = response;
        if (statusCode < 300) resolve({ ms: performance.now() - from, bytes: all.length, text: () => all.toString() });
        else reject(new Error(`${method} ${url} was answered with ${statusCode}: ${all.toString().slice(0, 300)}`));
      });
    });
    request.once('error', reject).end(body);
  });
}

export interface Load {
  perSecond: number;
  /** The duration of each call in milliseconds. */
  ms: number[];
}

/** Makes `count` calls, at most `atOnce` at a time, with a pause after each. */
export async function load(
  count: number,
  atOnce: number,
  call: (n: number) => Promise<unknown>,
  pauseMs = 0,
): Promise<Load> {
  const ms: number[] = [];
  let next = 0;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: Math.min(atOnce, count) }, async () => {
      for (let n = next++; n < count; n = next++) {
        const began = performance.now();
        await call(n);
        ms.push(performance.now() - began);
        if (pauseMs > 0) await sleep(pauseMs);
      }
    }),
  );
  return { perSecond: (count * 1_000) / (performance.now() - from), ms };
}
