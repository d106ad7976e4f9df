import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import type { ConsoleApi } from '../../src/http/consoleApi.ts';
import { createHealthServer } from '../../src/http/server.ts';
import { PRODUCTION } from '../support/settings.ts';
import { fakeConsoleApi } from './fakeConsoleApi.ts';
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

type Services = Pick<ConsoleApi, 'refused'>;
const apps: [string, (services: Services) => Promise<string>][] = [
  ['the console', async (services) => (await start({ env: { METRICS_TOKEN }, services })).url],
  ['a process without a console', startHealth],
];

async function startHealth(services: Services): Promise<string> {
  const config = { ...readConfig({ ...PRODUCTION, METRICS_TOKEN }), host: '127.0.0.1', port: 0 };
  const server = createHealthServer(config, fakeConsoleApi(services).services, pino({ level: 'silent' }));
  onTestFinished(() => server.close());
  return (await server.listen()).url;
}

it.each(apps)(
  '%s records each wrong token for its metrics, and limits them; the right one still works',
  async (_, startApp) => {
    const refused: [string, string][] = [];
    const url = await startApp({ refused: (kind, address) => void refused.push([kind, address]) });
    const scrape = (headers = {}) => fetch(`${url}/metrics`, { headers });
    expect((await scrape()).status).toBe(401);
    expect(refused).toEqual([]);
    const statuses = [];
    for (let n = 0; n < 21; n += 1) {
      const headers = n === 0 ? { authorization: 'Basic eDp5' } : bearer(`a-guessed-token-${n}`);
      statuses.push((await scrape(headers)).status);
    }
    expect(statuses).toEqual([...Array(20).fill(401), 429]);
    expect(refused).toEqual(Array(21).fill(['invalid_token', '127.0.0.1']));
    expect((await scrape(bearer(METRICS_TOKEN))).status).toBe(200);
    expect((await scrape()).status).toBe(401);
  },
);
