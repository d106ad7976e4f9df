import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { aConversation, aDesk, aServer, failure } from './fixtures.ts';

const ticket = { subject: '[AT-9F3C2A71QZ] DOWN: API (api-prod)', html: '<p>x</p>' };
// Real sockets: these tests are about whether a request was sent.
beforeAll(() => nock.restore());
afterAll(() => nock.activate());

/** For requests that end by their timeout. */
const BRIEF = { timeoutMs: 1_000 };

let close = async () => {};
afterEach(async () => {
  await close();
  close = async () => {};
});

async function deskOf(listener: Parameters<typeof aServer>[0], changes: Parameters<typeof aDesk>[0] = {}) {
  const server = await aServer(listener);
  close = server.close;
  return { ...aDesk({ baseUrl: server.baseUrl, timeoutMs: 10_000, ...changes }), server };
}

describe('a request that may have arrived is in doubt', () => {
  test('when no answer comes in time', async () => {
    const { desk, warnings } = await deskOf(() => {}, BRIEF);
    const error = await failure(desk.create(ticket));
    expect(error).toMatchObject({ problem: 'unavailable', code: 'ETIMEDOUT', inDoubt: true, retryable: true });
    expect(warnings[0]?.line).toBe('freescout degraded: ticket create failed, ConnectionError ETIMEDOUT');
  });

  test('when the answer arrives too slowly', async () => {
    const { desk } = await deskOf((_, response) => {
      response.writeHead(201, { 'Content-Type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    }, BRIEF);
    const error = await failure(desk.create(ticket));
    expect(error).toMatchObject({ problem: 'unavailable', code: 'ETIMEDOUT', httpStatus: 201, inDoubt: true });
  });

  test('when the connection is reset', async () => {
    const { desk } = await deskOf((request) => request.socket.resetAndDestroy());
    expect(await failure(desk.create(ticket))).toMatchObject({ code: 'ECONNRESET', inDoubt: true });
  });

  test('when the answer ends before its announced length', async () => {
    const { desk } = await deskOf((request, response) => {
      response.writeHead(201, { 'Content-Length': '5000' });
      response.write('{"id":412');
      setTimeout(() => request.socket.destroy(), 20);
    });
    expect(await failure(desk.create(ticket))).toMatchObject({ code: 'ECONNRESET', httpStatus: 201, inDoubt: true });
  });

  test('when the answer is not HTTP', async () => {
    const { desk } = await deskOf((request) => request.socket.end('hello\r\n\r\n'));
    expect(await failure(desk.create(ticket))).toMatchObject({ problem: 'unavailable', inDoubt: true });
  });

  test('when the caller cancels it meanwhile, which is not logged', async () => {
    const leaving = new AbortController();
    const { desk, warnings } = await deskOf(() => leaving.abort(new Error('shutting down')));
    const error = await failure(desk.create(ticket, { signal: leaving.signal }));
    expect(error).toMatchObject({ code: 'ERR_ABORTED', inDoubt: true });
    expect(warnings).toEqual([]);
  });
});

describe('a reused connection that the server is closing', () => {
  /** Answers the first request of each connection, and resets the connection at the second one. */
  const deskThatClosesEarly = async (resets: 'all but the first' | 'every') => {
    const asked: string[] = [];
    const seen = new WeakSet<object>();
    const found = await deskOf((request, response) => {
      asked.push(request.method ?? '');
      if (resets === 'every' && asked.length > 1) return void request.socket.resetAndDestroy();
      if (seen.has(request.socket)) return void request.socket.resetAndDestroy();
      seen.add(request.socket);
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(aConversation()));
    });
    return { ...found, asked };
  };

  test('is replaced, and a read on it is repeated once', async () => {
    const { desk, asked, warnings } = await deskThatClosesEarly('all but the first');
    await desk.get(412);
    expect(await desk.get(412)).toMatchObject({ id: 412 });
    expect(asked).toEqual(['GET', 'GET', 'GET']);
    expect(warnings).toEqual([]);
  });

  test('is replaced only once', async () => {
    const { desk, asked } = await deskThatClosesEarly('every');
    await desk.get(412);
    expect(await failure(desk.get(412))).toMatchObject({ problem: 'unavailable', code: 'ECONNRESET' });
    expect(asked).toEqual(['GET', 'GET', 'GET']);
  });

  test('is not used for a POST, which is never repeated', async () => {
    const { desk, asked } = await deskThatClosesEarly('every');
    await desk.get(412);
    expect(await failure(desk.create(ticket))).toMatchObject({ code: 'ECONNRESET', inDoubt: true });
    expect(asked).toEqual(['GET', 'POST']);
  });
});

describe('a reused connection on which no answer comes', () => {
  /** Answers the first request of each connection, and leaves the second one without an answer. */
  const deskThatForgets = async (forgets: 'all but the first' | 'every', changes = { timeoutMs: 3_000 }) => {
    const asked: string[] = [];
    const seen = new WeakSet<object>();
    const found = await deskOf((request, response) => {
      asked.push(request.method ?? '');
      if (seen.has(request.socket) || (forgets === 'every' && asked.length > 1)) return;
      seen.add(request.socket);
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(aConversation()));
    }, changes);
    return { ...found, asked };
  };

  test('is replaced, and a read on it is repeated once', async () => {
    const { desk, asked, warnings } = await deskThatForgets('all but the first');
    await desk.get(412);
    expect(await desk.get(412)).toMatchObject({ id: 412 });
    expect(asked).toEqual(['GET', 'GET', 'GET']);
    expect(warnings).toEqual([]);
  });

  test('is replaced only once', async () => {
    const { desk, asked } = await deskThatForgets('every');
    await desk.get(412);
    expect(await failure(desk.get(412))).toMatchObject({ problem: 'unavailable', code: 'ETIMEDOUT' });
    expect(asked).toEqual(['GET', 'GET', 'GET']);
  });

  test('is not replaced when the time of the call is up', async () => {
    const { desk, asked } = await deskThatForgets('all but the first');
    await desk.get(412);
    expect(await failure(desk.get(412, { timeoutMs: 500 }))).toMatchObject({ code: 'ETIMEDOUT' });
    expect(asked).toEqual(['GET', 'GET']);
  });

  test('is closed before it is used again, once it was idle for seconds', async () => {
    const { desk, asked, server } = await deskThatForgets('all but the first', { timeoutMs: 60_000 });
    // The server itself keeps it open.
    server.server.keepAliveTimeout = 0;
    const connected = once(server.server, 'connection');
    await desk.get(412);
    const [socket] = await connected;
    await once(socket, 'close');
    await desk.get(412);
    expect(asked).toEqual(['GET', 'GET']);
  });
});

describe('a request that cannot have arrived is not in doubt', () => {
  test('when the process was suspended while the request was queued', async () => {
    const asked: string[] = [];
    const { desk, warnings } = await deskOf((request) => void asked.push(request.method ?? ''));
    const error = await failure(desk.create(ticket, { mayLeave: () => false }));
    expect(error).toMatchObject({ problem: 'unavailable', code: 'ERR_SUSPENDED', inDoubt: false });
    expect(asked).toEqual([]);
    // FreeScout has no part in that.
    expect(warnings).toEqual([]);
  });

  test('when nothing listens', async () => {
    const { desk, server } = await deskOf(() => {});
    await server.close();
    close = async () => {};
    expect(await failure(desk.create(ticket))).toMatchObject({ code: 'ECONNREFUSED', inDoubt: false });
  });

  test('when the TLS handshake fails', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const { desk } = aDesk({ baseUrl: `https://127.0.0.1:${port}`, timeoutMs: 200 });
    expect(await failure(desk.create(ticket))).toMatchObject({ code: 'ETIMEDOUT', inDoubt: false });
    silent.close();
  });

  test('when the caller had cancelled it before', async () => {
    let asked = 0;
    const { desk } = await deskOf(() => {
      asked += 1;
    });
    const error = await failure(desk.create(ticket, { signal: AbortSignal.abort(new Error('too late')) }));
    expect(error).toMatchObject({ code: 'ERR_ABORTED', inDoubt: false });
    expect(asked).toBe(0);
  });

  test('when its time was up while it was queued', async () => {
    const asked: string[] = [];
    const { desk } = await deskOf((request) => void asked.push(request.method ?? ''), { ...BRIEF, concurrency: 1 });
    const [, waiting] = await Promise.all([
      failure(desk.get(1)),
      failure(desk.create(ticket, { urgent: true, timeoutMs: 50 })),
    ]);
    expect(waiting).toMatchObject({ problem: 'unavailable', code: 'ETIMEDOUT', inDoubt: false });
    expect(asked).toEqual(['GET']);
  });
});

describe('an answer that is too long is cut', () => {
  test('when it never ends', async () => {
    const { desk } = await deskOf(
      (_, response) => {
        response.writeHead(200);
        const pour = () => {
          while (response.write(Buffer.alloc(1 << 20, 32)));
          response.once('drain', pour);
        };
        pour();
      },
      { timeoutMs: 20_000 },
    );
    expect(await failure(desk.get(412))).toMatchObject({
      code: 'ERR_ANSWER_TOO_LONG',
      httpStatus: 200,
      inDoubt: false,
    });
  });

  test('when it is short only while compressed', async () => {
    const bomb = gzipSync(Buffer.alloc(30 << 20, 32));
    const { desk } = await deskOf(
      (_, response) => void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb),
      { timeoutMs: 20_000 },
    );
    expect(await failure(desk.get(412))).toMatchObject({ code: 'ERR_ANSWER_TOO_LONG', problem: 'unavailable' });
  });
});

describe('the request queue', () => {
  test('runs no more requests at once than allowed', async () => {
    let now = 0;
    let most = 0;
    // The first answers wait until all requests have arrived that may run at once.
    let allRun: () => void = () => undefined;
    const full = new Promise<void>((resolve) => {
      allRun = resolve;
    });
    const { desk } = await deskOf(
      (_, response) => {
        now += 1;
        most = Math.max(most, now);
        if (now === 3) allRun();
        const answer = () => {
          now -= 1;
          response.end(JSON.stringify(aConversation()));
        };
        void full.then(() => setTimeout(answer, 10));
      },
      { concurrency: 3, timeoutMs: 60_000 },
    );
    await Promise.all(Array.from({ length: 12 }, (_, index) => desk.get(412, { urgent: index % 2 === 0 })));
    expect(most).toBe(3);
  });

  test('runs an urgent call before waiting ones', async () => {
    const order: string[] = [];
    const { desk } = await deskOf(
      (request, response) => {
        order.push(request.url?.replace(/\D+/g, '') ?? '');
        setTimeout(() => response.end(JSON.stringify(aConversation({ id: Number(order.at(-1)) }))), 10);
      },
      { concurrency: 1, timeoutMs: 60_000 },
    );
    await Promise.all([desk.get(1), desk.get(2), desk.get(3), desk.get(4, { urgent: true })]);
    expect(order).toEqual(['1', '4', '2', '3']);
  });

  test('runs an urgent call although all other calls hang', async () => {
    const { desk } = await deskOf(
      (request, response) => {
        if (request.url?.startsWith('/api/conversations/9')) response.end(JSON.stringify(aConversation({ id: 9 })));
      },
      { concurrency: 2, timeoutMs: 60_000 },
    );
    const leaving = new AbortController();
    const hanging = [1, 2, 3, 4].map((id) => failure(desk.get(id, { signal: leaving.signal })));
    expect((await desk.get(9, { urgent: true })).id).toBe(9);
    leaving.abort();
    expect((await Promise.all(hanging)).every(({ code }) => code === 'ERR_ABORTED')).toBe(true);
  });

  test('counts its time towards the timeout of an operation with all its requests', async () => {
    let asked = 0;
    const { desk } = await deskOf(
      (_, response) => {
        asked += 1;
        const rows = [aConversation({ id: asked })];
        const page = { totalPages: 1000, number: asked };
        setTimeout(() => response.end(JSON.stringify({ _embedded: { conversations: rows }, page })), 30);
      },
      { timeoutMs: 5000 },
    );
    expect(await failure(desk.listOpen({ timeoutMs: 200 }))).toMatchObject({ code: 'ETIMEDOUT', inDoubt: false });
    expect(asked).toBeLessThan(8);
  });
});
