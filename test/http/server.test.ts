import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import type { AnsweredRequest } from '../../src/http/consoleApi.ts';
import { createHealthServer } from '../../src/http/server.ts';
import { sendRaw } from '../support/sendRaw.ts';
import { PRODUCTION } from '../support/settings.ts';
import { fakeConsoleApi } from './fakeConsoleApi.ts';
import { PAGE, start, TOKENS } from './support.ts';

const TIMEOUTS = { headersMs: 100, requestMs: 200, checkEveryMs: 50, closeMs: 300 };

describe('slow clients', () => {
  it('a client that does not send its body gets 408', async () => {
    const app = await start({ timeouts: TIMEOUTS });
    const answer = await sendRaw(
      app.url,
      'POST /api/alerts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"so',
    );
    expect(answer).toContain('408 Request Timeout');
  });

  it('a client that does not send its headers gets 408', async () => {
    const app = await start({ timeouts: TIMEOUTS });
    expect(await sendRaw(app.url, 'GET /healthz HTTP/1.1\r\nHost: local')).toContain('408 Request Timeout');
  });

  it('time in which the process stands still is not counted against a client that sends everything', async () => {
    const app = await start({ timeouts: { headersMs: 500, requestMs: 1_000, checkEveryMs: 50, closeMs: 300 } });
    const alerts = [{ alert_id: 'disk', severity: 'P1', status: 'firing', title: 'Disk full' }];
    const body = JSON.stringify({ source: 'prometheus', alerts });
    const [whole, half] = await Promise.all([beginPost(app.url, body.length), beginPost(app.url, body.length)]);
    whole.socket.write(body);
    half.socket.write(body.slice(0, 9));
    // Longer than a request may take. Nothing is read meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    expect(await whole.answer).toContain('202 Accepted');
    expect(await half.answer).toContain('408 Request Timeout');
  });

  it('a client that disconnects in the middle of a request causes no error', async () => {
    const app = await start();
    await new Promise<void>((resolve) => {
      const { hostname, port } = new URL(app.url);
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          'POST /api/alerts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"so',
        );
        socket.destroy();
      });
      socket.on('close', () => resolve());
    });
    expect((await app.get('/healthz')).status).toBe(200);
    expect(app.log()).not.toContain('"level":50');
  });
});

describe('closing', () => {
  it('closing lets an open request finish and accepts no new connection', async () => {
    const asked = signal();
    const held = signal();
    const flags = async () => {
      asked.give();
      await held.given;
      return [];
    };
    const app = await start({ services: { flags } });
    const answer = app.get('/console/flags');
    await asked.given;
    const closing = app.close();
    held.give();
    expect(await (await answer).json()).toMatchObject({ flags: [] });
    await closing;
    await expect(app.get('/healthz')).rejects.toThrow();
  });

  it('closing cuts off a request that does not finish', async () => {
    const asked = signal();
    const investigate = () => {
      asked.give();
      return new Promise<never>(() => {});
    };
    const app = await start({
      timeouts: { ...TIMEOUTS, headersMs: 10_000, requestMs: 20_000 },
      services: { investigate },
    });
    const answer = app.post('/console/status/investigate/api-prod').then(
      () => 'answered',
      () => 'cut',
    );
    await asked.given;
    await app.close();
    expect(await answer).toBe('cut');
  });
});

describe('FreeScout webhooks', () => {
  it('a webhook is passed on as raw bytes with its signature', async () => {
    const app = await start();
    const body = '{"subject":"\\u00fc \\/ é"}';
    const response = await app.post('/api/webhooks/freescout', body, { 'x-freescout-signature': 'right' });
    expect([response.status, await response.json()]).toEqual([200, { accepted: true }]);
    expect(app.calls).toEqual([{ what: 'freescoutWebhook', with: [Buffer.from(body), 'right'] }]);
  });

  it('a webhook without a valid signature gets 401', async () => {
    const app = await start();
    expect((await app.post('/api/webhooks/freescout', '{}')).status).toBe(401);
    expect((await app.post('/api/webhooks/freescout', '{}', { 'x-freescout-signature': 'x' })).status).toBe(401);
    expect(app.calls[0]?.with[1]).toBeUndefined();
  });
});

it('requests are counted by the path of their route, and event streams without a duration', async () => {
  const counted: AnsweredRequest[] = [];
  const app = await start({ services: { countRequest: (answered) => void counted.push(answered) } });
  await app.get('/console/surfaces/api-prod?x=1');
  await app.get('/nowhere/412');
  const stream = new AbortController();
  await fetch(`${app.url}/console/events`, { signal: stream.signal });
  stream.abort();
  await expect.poll(() => counted.length).toBe(3);
  const byRoute = counted.map(({ route, status, seconds }) => [route, status, seconds !== null]);
  expect(byRoute).toEqual(
    expect.arrayContaining([
      ['/console/surfaces/:surface_id', 200, true],
      [null, 404, true],
      ['/console/events', 200, false],
    ]),
  );
});

describe('a process without a console', () => {
  it('a process without a console serves health, readiness and metrics only', async () => {
    const config = { ...readConfig(PRODUCTION), host: '127.0.0.1', port: 0 };
    const server = createHealthServer(config, fakeConsoleApi().services, pino({ level: 'silent' }));
    const { url } = await server.listen();
    try {
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true, checks: { database: 'ok' } });
      expect(await (await fetch(`${url}/metrics`)).text()).toBe('up 1\n');
      expect((await fetch(`${url}/console/status`, { headers: PAGE })).status).toBe(404);
    } finally {
      await server.close();
    }
  });
});

/** Sends the headers of a request, and resolves once the server asks for its body. */
function beginPost(url: string, length: number): Promise<{ socket: Socket; answer: Promise<string> }> {
  const { hostname, port } = new URL(url);
  const head = [
    'POST /api/alerts HTTP/1.1',
    'Host: localhost',
    'Connection: close',
    'Expect: 100-continue',
    `Authorization: Bearer ${TOKENS.prometheus}`,
    'Content-Type: application/json',
    `Content-Length: ${length}`,
  ];
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(`${head.join('\r\n')}\r\n\r\n`));
    const answer = new Promise<string>((answered) => {
      socket.once('close', () => answered(received));
    });
    socket.once('error', reject);
    socket.on('data', (data) => {
      received += data;
      if (received.includes('100 Continue\r\n\r\n')) resolve({ socket, answer });
    });
  });
}

function signal(): { given: Promise<void>; give: () => void } {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}
