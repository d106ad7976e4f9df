import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Ctx } from '../../src/http/context.ts';
import { senderRoutes } from '../../src/http/routes/senders.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const later = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));

it('a request is answered within 8 s, however slow each step in the database is', async () => {
  const routes = senderRoutes({
    findSource: () => later(4_000, 'prom'),
    services: { sourceKind: () => later(3_000, null), storeRequest: () => later(3_000, '7'), refused: () => undefined },
    quota: { take: () => null },
  });
  const route = routes.find(({ method, path }) => method === 'get' && path === '/api/webhooks/:sender');
  const ctx = { method: 'GET', headers: {}, querystring: '', get: () => '', set() {} } as unknown as Ctx;
  const input = { params: { sender: 'gatus' }, query: {}, body: undefined, reserveBody: async () => () => {} };
  const answer = Promise.resolve(route?.handle(ctx, input)).then(
    () => 'stored',
    (error: { code: string }) => error.code,
  );
  await vi.advanceTimersByTimeAsync(8_000);
  expect(await Promise.race([answer, vi.advanceTimersByTimeAsync(0).then(() => 'waiting')])).toBe('busy');
});
