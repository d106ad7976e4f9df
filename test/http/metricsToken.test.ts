import { expect, it } from 'vitest';
import { bearer, start, TOKENS } from './support.ts';

const METRICS_TOKEN = 'metrics-token-0123456789abcdef';

it('with a token of their own the metrics are shown to its bearer only', async () => {
  const app = await start({ env: { METRICS_TOKEN } });
  const statuses = [];
  for (const headers of [{}, bearer('wrong'), bearer(TOKENS.admin), bearer(METRICS_TOKEN)]) {
    statuses.push((await app.get('/metrics', headers)).status);
  }
  expect(statuses).toEqual([401, 401, 401, 200]);
  expect((await app.get('/healthz')).status).toBe(200);
  expect((await app.get('/console/status', bearer(METRICS_TOKEN))).status).toBe(401);
});

it('without METRICS_TOKEN anybody may read the metrics', async () => {
  const app = await start();
  expect((await app.get('/metrics')).status).toBe(200);
});

it('what proxies keep from strangers by its path is not found by another spelling of that path', async () => {
  const app = await start();
  for (const path of ['/metrics', '/readyz', '/healthz', '/openapi.json']) {
    const spellings = [path, path.toUpperCase(), `${path}/`, path.replace('e', 'E')];
    const statuses = await Promise.all(spellings.map(async (spelling) => (await app.get(spelling)).status));
    expect([path, ...statuses]).toEqual([path, 200, 404, 404, 404]);
  }
});
