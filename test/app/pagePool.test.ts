import { expect, it } from 'vitest';
import { createConsoleApi } from '../../src/app/consoleApi.ts';

const noRows = () => Promise.resolve({ rows: [], rowCount: 0 });
const reserved = () => Promise.reject(new Error('a connection of intake and filing'));

/** The console API over two pools that answer without a database. */
function consoleApi({ pool, pagePool }: Record<'pool' | 'pagePool', () => Promise<unknown>>) {
  const nothing = () => () => undefined;
  const deps: unknown = {
    ...{ pool: { query: pool, connect: pool }, pagePool: { query: pagePool, connect: pagePool } },
    ...{ config: { surfaces: { pollIntervalSeconds: 30 }, ingestTokens: [] }, host: { deliver: reserved } },
    ...{ sources: { shownSilentAfter: async () => ({}) }, registry: { all: [] } },
    ...{ listener: { on: nothing, onReconnect: nothing }, metrics: {}, sessions: {}, flags: {}, intake: {} },
    flushRefusals: async () => {},
  };
  return createConsoleApi(deps as Parameters<typeof createConsoleApi>[0]);
}

it('lists of silences, suppressed alerts and customers take no connection of intake and filing', async () => {
  const api = consoleApi({ pool: reserved, pagePool: noRows });
  expect(await api.silences({ limit: 10 })).toEqual({ rows: [], next_cursor: null });
  expect(await api.suppressedAlerts()).toEqual({ active: 0, ended: 0, rows: [] });
  expect(await api.customers({ limit: 10 })).toEqual({ customers: [], next_cursor: null });
});

it('pages of surfaces, actors, dead letters and sources take no connection of intake and filing', async () => {
  const api = consoleApi({ pool: reserved, pagePool: noRows });
  expect(await Promise.all([api.surface('api'), api.actor('surface:api'), api.deadLetter('1')])).toEqual([
    null,
    null,
    null,
  ]);
  expect(await api.deadLetters({ limit: 10 })).toMatchObject({ rows: [], total: 0 });
  expect(await api.sources()).toEqual([]);
  expect(await api.shadow()).toMatchObject({ tickets: [], messages: [] });
});

it('a silence is made and ended on the connections of intake and filing', async () => {
  const api = consoleApi({ pool: reserved, pagePool: noRows });
  const silence = { matchers: { source: 'a' }, until: new Date(), reason: 'disks' };
  await expect(api.createSilence(silence, 'mia')).rejects.toThrow('intake and filing');
  await expect(api.endSilence('1', 'mia')).rejects.toThrow('intake and filing');
});
