import { expect, it } from 'vitest';
import { createConsoleApi } from '../../src/app/consoleApi.ts';

const NO_ROWS = { rows: [], rowCount: 0 };
const noRows = () => Promise.resolve(NO_ROWS);
/** The first statement of a search begins its transaction and asks for the process of the server. */
const begun = (text: unknown) => Promise.resolve(`${text}`.startsWith('begin') ? [{ rows: [{ pid: 1 }] }] : NO_ROWS);
const emptyClient = () => Promise.resolve({ query: begun, release: () => undefined });
const reserved = () => Promise.reject(new Error('a connection of intake and filing'));

/** The console API over two pools that answer without a database. */
function consoleApi() {
  const nothing = () => () => undefined;
  const deps: unknown = {
    ...{ pool: { query: reserved, connect: reserved }, pagePool: { query: noRows, connect: emptyClient } },
    ...{ config: { surfaces: { pollIntervalSeconds: 30 }, ingestTokens: [] }, host: { deliver: reserved } },
    ...{ sources: { shownSilentAfter: async () => ({}) }, registry: { all: [] } },
    ...{ listener: { on: nothing, onReconnect: nothing }, metrics: {}, sessions: {}, flags: {}, intake: {} },
    flushRefusals: async () => {},
  };
  return createConsoleApi(deps as Parameters<typeof createConsoleApi>[0]);
}

it('lists of silences, suppressed alerts and customers take no connection of intake and filing', async () => {
  const api = consoleApi();
  expect(await api.silences({ limit: 10 })).toEqual({ rows: [], next_cursor: null });
  expect(await api.suppressedAlerts()).toEqual({ active: 0, ended: 0, rows: [] });
  expect(await api.customers({ limit: 10 })).toEqual({ customers: [], next_cursor: null });
});

it('pages of surfaces, actors, dead letters and sources take no connection of intake and filing', async () => {
  const api = consoleApi();
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
  const api = consoleApi();
  const silence = { matchers: { source: 'a' }, until: new Date(), reason: 'disks' };
  await expect(api.createSilence(silence, 'mia')).rejects.toThrow('intake and filing');
  await expect(api.endSilence('1', 'mia')).rejects.toThrow('intake and filing');
});
