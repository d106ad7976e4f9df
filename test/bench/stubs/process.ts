import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import Koa from 'koa';
import { type Answer, createFreeScoutStub } from './freescout.ts';

/**
 * The other systems as one process, so that they take no time from the process that measures. Sends a message to its
 * parent for each ticket and for each direct message, with the time at which the request had arrived.
 */

/** How long FreeScout takes to answer. */
const LATENCY_MS = Number(process.argv[2]);

export interface Started {
  started: string;
  /** A Koa application that only answers `ok`. */
  koa: string;
}
/** A request has arrived; `at` in milliseconds since 1970, with fractions. */
export interface Arrived {
  kind: 'ticket' | 'message';
  text: string;
  at: number;
}
/** Sent by the parent. */
export interface Orders {
  /** Every service answers 500. */
  down: boolean;
}

const now = () => performance.timeOrigin + performance.now();
const send = (message: Started | Arrived) => process.send?.(message);

let arrivedAt = 0;
let down = false;
const freescout = createFreeScoutStub(({ subject }) => send({ kind: 'ticket', text: subject, at: arrivedAt }));
let messages = 0;

function slack(path: string, body: string): Answer {
  if (path.endsWith('/conversations.open')) return { status: 200, body: { ok: true, channel: { id: 'D1' } } };
  if (!path.endsWith('/chat.postMessage')) return { status: 200, body: { ok: true, messages: [] } };
  messages += 1;
  const form = new URLSearchParams(body);
  // The text is shortened where the blocks are complete.
  send({ kind: 'message', text: `${form.get('text') ?? body}\n${form.get('blocks') ?? ''}`, at: arrivedAt });
  const ts = `${Math.floor(Date.now() / 1000)}.${String(messages).padStart(6, '0')}`;
  return { status: 200, body: { ok: true, channel: 'D1', ts, message: { ts } } };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const at = now();
  const path = request.url ?? '';
  if (path.startsWith('/service/')) {
    // Services that hang never answer.
    if (path.startsWith('/service/hang')) return;
    response.writeHead(down ? 500 : 200).end(down ? 'down' : 'ok');
    return;
  }
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  arrivedAt = at;
  const isSlack = path.startsWith('/slack/');
  const { status, body: sent, headers } = isSlack ? slack(path, body) : freescout.answer(request, body);
  if (!isSlack && LATENCY_MS > 0) await sleep(LATENCY_MS);
  const text = sent === undefined ? '' : JSON.stringify(sent);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}

function listen(server: Server): Promise<string> {
  server.requestTimeout = 0;
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', 4096, () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}

process.on('message', (orders: Orders) => {
  down = orders.down;
});
process.once('disconnect', () => process.exit(0));

const koa = new Koa();
koa.use((ctx) => {
  ctx.body = 'ok';
});
const stubs = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
send({ started: await listen(stubs), koa: await listen(createServer(koa.callback())) });
