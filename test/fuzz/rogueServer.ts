import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRandom, type Random } from '../faults/random.ts';
import { json, mutated, serialized, text } from './draw.ts';

/** A server with hostile responses in place of FreeScout and Slack. Its response to input `n` depends on the seed and `n`. */
export interface RogueServer {
  url: string;
  close(): Promise<void>;
}

const AT = '2026-05-05T14:30:00Z';
const conversation = {
  id: 412,
  number: 412,
  status: 'active',
  state: 'published',
  subject: '[AT-0123456789] DOWN: API (api-prod)',
  mailboxId: 2,
  assignee: { id: 1, firstName: 'Ada', lastName: 'B', email: 'ada@example.org' },
  customer: { id: 9, email: 'ada@customer.example' },
  createdAt: AT,
  updatedAt: AT,
  _embedded: { tags: [{ id: 1, name: 'auto:status' }], threads: [{ id: 5, body: '<!-- x -->' }] },
};

function validFor(path: string, method: string): unknown {
  if (path.includes('conversations.') || path.includes('chat.')) {
    return {
      ok: true,
      channel: { id: 'D1' },
      ts: '1795331111.000100',
      messages: [],
      response_metadata: { next_cursor: '' },
    };
  }
  if (method === 'POST') return { id: 412 };
  if (/\/conversations\/\d+/.test(path)) return conversation;
  const name = /\/api\/(\w+)/.exec(path)?.[1] ?? 'conversations';
  const row = name === 'conversations' ? conversation : { id: 2, name: 'x', email: 'x@example.org' };
  return { _embedded: { [name]: [row] }, page: { size: 50, totalElements: 1, totalPages: 1, number: 1 } };
}

const STATUSES = [
  200, 200, 200, 201, 204, 301, 302, 307, 400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 599,
];
const PAGE = '<!doctype html><html><title>Sign in</title><form>';

export async function startRogueServer(seed: number): Promise<RogueServer> {
  const calls = new Map<string, number>();
  const server = createServer({ keepAlive: false }, (request, response) => {
    const path = request.url ?? '/';
    const input = /^\/n(\d+)\//.exec(path)?.[1] ?? 'app';
    const call = (calls.get(input) ?? 0) + 1;
    calls.set(input, call);
    if (calls.size > 5_000) calls.delete(calls.keys().next().value ?? '');
    const random = createRandom(`${seed} answer ${input} ${call}`);
    request.resume();
    request.on('error', () => undefined);
    const socket = response.socket;
    const how = random.weighted({
      valid: 30,
      mutant: 30,
      json: 10,
      page: 8,
      redirect: 5,
      cut: 6,
      reset: 4,
      silent: 0.5,
      huge: 0.1,
      raw: 5,
      slow: 0.5,
    });
    const valid = validFor(path, request.method ?? 'GET');
    const status = random.chance(0.75) ? 200 : random.pick(STATUSES);
    const send = (body: Buffer | string, headers: Record<string, string> = {}) => {
      if (response.destroyed) return;
      response.writeHead(status, { 'Content-Type': 'application/json', ...oddHeaders(random), ...headers });
      response.end(status === 204 ? undefined : body);
    };
    switch (how) {
      case 'valid':
        return send(JSON.stringify(valid));
      case 'mutant':
        return send(serialized(random, mutated(random, valid)));
      case 'json':
        return send(serialized(random, json(random)));
      case 'page':
        return send(PAGE + text(random), { 'Content-Type': 'text/html' });
      case 'redirect':
        response.writeHead(302, {
          Location: random.pick(['/login', 'http://127.0.0.1:1/', 'javascript:x', '//x', '']),
        });
        return response.end();
      case 'cut':
        response.writeHead(200, { 'Content-Length': '5000', 'Content-Type': 'application/json' });
        response.write(JSON.stringify(valid).slice(0, random.whole(0, 80)));
        return setTimeout(() => socket?.destroy(), 5);
      case 'reset':
        return socket?.resetAndDestroy();
      case 'silent':
        return setTimeout(() => socket?.destroy(), 2_000).unref();
      case 'huge':
        return send(Buffer.alloc(6 * 1024 * 1024, random.pick(['[', ' ', '0'])));
      case 'raw':
        socket?.write(
          random.pick([
            'HTTP/1.1 200\r\n\r\n',
            'HTTP/9.9 999 x\r\n\r\n',
            '\u0000\u0001',
            'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
            'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
            'ICY 200 OK\r\n\r\n',
          ]),
        );
        return socket?.destroySoon();
      case 'slow':
        return setTimeout(() => send(JSON.stringify(valid)), random.whole(100, 600)).unref();
    }
  });
  server.on('connection', (socket) => socket.on('error', () => undefined));
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function oddHeaders(random: Random): Record<string, string> {
  const headers: Record<string, string> = {};
  const maybe = (name: string, values: string[]) => {
    if (random.chance(0.1)) headers[name] = random.pick(values);
  };
  maybe('Resource-ID', ['412', '413', '-1', '0', 'x', '1e3', '9'.repeat(40), '412, 413']);
  maybe('Retry-After', ['1', '-5', '99999999999', 'soon', 'Wed, 21 Oct 2099 07:28:00 GMT', '1.5']);
  maybe('Content-Type', ['text/html', 'application/json; charset=utf-16', 'x']);
  maybe('Content-Encoding', ['gzip', 'br', 'x']);
  maybe('Date', ['yesterday', 'Thu, 01 Jan 1970 00:00:00 GMT']);
  maybe('X-Odd', ['y'.repeat(6_000)]);
  return headers;
}
