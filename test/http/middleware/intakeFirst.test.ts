import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Ctx } from '../../../src/http/context.ts';
import { intakeFirst } from '../../../src/http/middleware/intakeFirst.ts';
import { bearer, start, TOKENS } from '../support.ts';

/** So long that no test waits for it. */
const LONG_MS = 3_600_000;

function createRequests({ isBusy = true, maxWaitMs = LONG_MS } = {}) {
  const layer = intakeFirst({ load: { isBusy: () => isBusy }, maxWaitMs });
  const begun: string[] = [];
  const send = (method: string, path: string, length?: number) => {
    const res = Object.assign(new EventEmitter(), { destroyed: false });
    const ctx = { method, res, request: { length }, state: { path } } as unknown as Ctx;
    const passed = layer(ctx as never, async () => void begun.push(path));
    return { passed, end: () => res.emit('close') };
  };
  return { begun, read: (path: string) => send('GET', path), send };
}

it('while the process is busy, pages and scrapes wait until a small request with alerts is answered', async () => {
  const { begun, read, send } = createRequests();
  const alert = send('POST', '/api/alerts', 200);
  const reads = [read('/console/alerts'), read('/metrics')];
  await turn();
  expect(begun).toEqual(['/api/alerts']);
  alert.end();
  await Promise.all(reads.map(({ passed }) => passed));
  expect(begun).toEqual(['/api/alerts', '/console/alerts', '/metrics']);
  await read('/console/status').passed;
});

it('pages wait for the last one of the small requests with alerts', async () => {
  const { begun, read, send } = createRequests();
  const [one, two] = [send('POST', '/api/alerts', 200), send('POST', '/api/webhooks/grafana/token', 200)];
  const page = read('/console/alerts');
  one.end();
  await turn();
  expect(begun).toEqual(['/api/alerts', '/api/webhooks/grafana/token']);
  two.end();
  await page.passed;
});

it('pages that have waited start a few at a time, and wait again for the next alert', async () => {
  const { begun, read, send } = createRequests();
  const first = send('POST', '/api/alerts', 200);
  const pages = Array.from({ length: 25 }, (_, n) => read(`/console/alerts/${n}`));
  first.end();
  const second = send('POST', '/v2/enqueue', 200);
  await turn();
  await turn();
  expect(begun.filter((path) => path.startsWith('/console'))).toEqual(
    Array.from({ length: 10 }, (_, n) => `/console/alerts/${n}`),
  );
  second.end();
  await Promise.all(pages.map(({ passed }) => passed));
});

it('a page waits a moment only for an alert that is not answered', async () => {
  const { begun, read, send } = createRequests({ maxWaitMs: 1 });
  send('POST', '/api/alerts', 200);
  await read('/console/alerts').passed;
  expect(begun).toEqual(['/api/alerts', '/console/alerts']);
});

it('a process with time for both lets no page wait for alerts', async () => {
  const { read, send } = createRequests({ isBusy: false });
  send('POST', '/api/alerts', 200);
  await read('/console/alerts').passed;
});

it('no page waits for a large request, for one of unknown length, or for a request without alerts', async () => {
  const { read, send } = createRequests();
  send('POST', '/api/alerts', 700_000);
  send('POST', '/api/alerts');
  send('POST', '/console/silences', 200);
  await read('/console/alerts').passed;
});

it('health checks, senders and forms never wait for alerts', async () => {
  const { read, send } = createRequests();
  send('POST', '/api/alerts', 200);
  const others = [read('/healthz'), read('/readyz'), read('/api/webhooks/cloudevents/token')];
  others.push(send('POST', '/console/silences', 200), send('POST', '/api/alerts', 700_000));
  await Promise.all(others.map(({ passed }) => passed));
});

it('the console asks whether it is busy before a page that comes while an alert is being stored', async () => {
  let asked = 0;
  const isBusy = () => {
    asked += 1;
    return false;
  };
  let store = () => {};
  let isStoring = false;
  const stored = new Promise<void>((resolve) => {
    store = resolve;
  });
  const app = await start({
    load: { isBusy, stop: () => undefined },
    services: {
      async ingest() {
        isStoring = true;
        await stored;
        return { accepted: 0, alerts: [] };
      },
    },
  });
  await app.get('/console/silences', bearer(TOKENS.viewer));
  expect(asked).toBe(0);
  const alert = app.post('/api/alerts', { source: 'prometheus', alerts: [] }, bearer(TOKENS.prometheus));
  await expect.poll(() => isStoring).toBe(true);
  await app.get('/healthz');
  expect(asked).toBe(0);
  await app.get('/console/silences', bearer(TOKENS.viewer));
  await app.get('/metrics');
  expect(asked).toBe(2);
  store();
  expect((await alert).status).toBe(202);
});
