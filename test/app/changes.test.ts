import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSubscribe } from '../../src/app/changes.ts';
import { CHANNELS, notifyConsole } from '../../src/db/channels.ts';
import { type Listener, startListener } from '../../src/db/listen.ts';
import { createLog } from '../../src/log/log.ts';
import type { Changed } from '../../src/model/actors.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';

let database: TestDatabase;
let listener: Listener;
let changes: Changed[];
beforeAll(async () => {
  database = await createTestDatabase();
  listener = startListener(database.url, CHANNELS, createLog({ level: 'silent' }));
  createSubscribe(listener)((change) => changes.push(change));
  changes = [];
  await eventually(async () => {
    await notifyConsole(database.pool, { flags: true });
    expect(changes).not.toEqual([]);
  });
  await last();
  await untilLast();
});
afterAll(async () => {
  await listener.stop();
  await database.drop();
});

const notify = (channel: string, payload: string) =>
  database.pool.query('select pg_notify($1, $2)', [channel, payload]);
const flagsOnly = { actors: [], flags: true, sessions: [] };
/** Notifications arrive in their order: everything before this one has arrived with it. */
const untilLast = () => eventually(() => expect(changes.at(-1)).toMatchObject({ actors: ['the:last'] }));
const last = () => notify('auto_ticketing_console', '{"actors":["the:last"]}');

it.each(['auto_ticketing_console', 'console', 'auto_ticketing_answers', 'answers'])(
  'a notification on %s that is not ours is ignored',
  async (channel) => {
    changes = [];
    for (const payload of ['hello', '', 'null', '[]', '7', '{"actors":7}', '{"actors":[7]}', '{"sessions":"some"}'])
      await notify(channel, payload);
    await last();
    await untilLast();
    expect(changes).toHaveLength(1);
  },
);

it('fields that only a later release knows are ignored', async () => {
  changes = [];
  await notify('auto_ticketing_console', '{"flags":true,"weather":"fine"}');
  await eventually(() => expect(changes).toEqual([flagsOnly]));
});

it('a change that release 0.1.0 reports on its channel arrives', async () => {
  changes = [];
  await notify('console', '{"flags":true}');
  await eventually(() => expect(changes).toEqual([flagsOnly]));
});

it('a change of this release arrives once here, and on the channel of release 0.1.0 as well', async () => {
  changes = [];
  const old: string[] = [];
  const stop = listener.on('console', (payload) => old.push(payload));
  await notifyConsole(database.pool, { flags: true });
  await last();
  await untilLast();
  expect(changes).toHaveLength(2);
  expect(old.map((payload) => JSON.parse(payload))).toEqual([{ flags: true, copy: true }]);
  stop();
});
