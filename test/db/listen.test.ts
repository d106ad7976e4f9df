import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startListener } from '../../src/db/listen.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';
import { startTcpRelay } from '../support/tcpRelay.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it.each([
  ['the server alone closed its connection', 'closeServerSide'],
  ['the network swallows everything', 'freeze'],
] as const)('a listener notices within seconds that %s, and reconnects', async (_, breakIt) => {
  const relay = await startTcpRelay(database.url);
  const listener = startListener(relay.url, ['news'], createLog({ level: 'silent' }));
  const heard = vi.fn();
  const reconnected = vi.fn();
  listener.on('news', heard);
  listener.onReconnect(reconnected);
  const say = async (text: string) => {
    await database.pool.query("select pg_notify('news', $1)", [text]);
    expect(heard).toHaveBeenCalledWith(text);
  };
  await eventually(() => say('before'));

  // On a busy machine it may have reconnected before.
  const times = reconnected.mock.calls.length;
  relay[breakIt]();
  await eventually(() => expect(reconnected.mock.calls.length).toBeGreaterThan(times));
  await eventually(() => say('after'));
  await listener.stop();
  await relay.stop();
});

it('a listener can be stopped while its server is silent', async () => {
  const relay = await startTcpRelay(database.url);
  const listener = startListener(relay.url, ['news'], createLog({ level: 'silent' }));
  await eventually(() => expect(relay.connections()).toBe(1));
  relay.freeze();
  await expect(listener.stop()).resolves.toBeUndefined();
  await relay.stop();
});

it('a listener whose first statement gets no answer connects again', async () => {
  const relay = await startTcpRelay(database.url);
  relay.onRequest('listen "news"', () => relay.freeze('from_database'));
  const listener = startListener(relay.url, ['news'], createLog({ level: 'silent' }));
  const heard = vi.fn();
  listener.on('news', heard);
  await eventually(async () => {
    await database.pool.query("select pg_notify('news', 'at last')");
    expect(heard).toHaveBeenCalledWith('at last');
  });
  expect(relay.connections()).toBeGreaterThan(1);
  await listener.stop();
  await relay.stop();
});
