import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { createDelivery } from '../../../src/actors/deliver.ts';
import type { Intake } from '../../../src/alerts/intake/intake.ts';
import { applyRequests } from '../../../src/alerts/webhooks/applyRequests.ts';
import { startWebhookConsumer } from '../../../src/alerts/webhooks/consumer.ts';
import { holdLease, LeaseLost } from '../../../src/alerts/webhooks/lease.ts';
import {
  claimSource,
  finishRequests,
  releaseSource,
  storeRequest,
  waitingRequests,
} from '../../../src/alerts/webhooks/store.ts';
import { actionWriters, noRoutes } from '../../../src/app/actionWriters.ts';
import { registry } from '../../../src/app/machineRegistry.ts';
import { transaction } from '../../../src/db/pool.ts';
import { replayWebhook } from '../../../src/deadLetters/webhookLetters.ts';
import { createLog } from '../../../src/log/log.ts';
import { emitted } from '../../machines/support/events.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';
import { eventually } from '../../support/eventually.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
// A consumer takes the requests of every source, also those that another test left.
beforeEach(() => database.pool.query('truncate webhook_requests, webhook_sources'));
afterAll(() => database.drop());

const settings = { severity: {}, surfaceLabel: 'surface', surfaces: {}, mapping: null };
const store = (source: string, name: string, status = 'TRIGGERED') =>
  storeRequest(database.pool, {
    ...{ source, sender: 'gatus', method: 'POST', rest: '', query: '' },
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ name, status })),
  });
const statusOf = async (id: string | null) => {
  const sql = 'select status, attempts from webhook_requests where id = $1';
  return (await database.pool.query<{ status: string; attempts: number }>(sql, [id])).rows[0];
};

/** Repeats the only failure of the waiting requests of a source, and makes them due. */
const failThreeTimesMore = (source: string) =>
  database.pool.query(
    `update webhook_requests set not_before = now(), attempts = 4, history = history || history || history || history
     where source = $1 and status = 'waiting'`,
    [source],
  );

/** A consumer without notifications, whose intake collects titles and throws for the title `poison`. */
function start(error: Error = new Error('this one cannot be taken')) {
  const taken: string[] = [];
  const accept: Intake['accept'] = async (_source, sent) => {
    const titles = (sent as { title: string; status: string }[]).map(({ title, status }) => `${title} ${status}`);
    if (titles.some((title) => title.startsWith('poison'))) throw error;
    taken.push(...titles);
    return { accepted: sent.length, alerts: [] };
  };
  const warnings: string[] = [];
  const consumer = startWebhookConsumer({
    ...{ pool: database.pool, intake: { accept }, settingsOf: async () => settings, onFinished: () => undefined },
    listener: { on: () => () => undefined, onReconnect: () => () => undefined },
    warn: (_facts, message) => void warnings.push(message),
  });
  onTestFinished(() => consumer.stop());
  return { taken, warnings };
}

it('an address that holds U+0000, which Postgres cannot store, is stored without it', async () => {
  const id = await storeRequest(database.pool, {
    ...{ source: 'nul', sender: 'opsgenie', method: 'POST', headers: {}, body: Buffer.from('{}') },
    ...{ rest: 'v2/alerts/ada/a\u0000', query: 'q=\u0000' },
  });
  const { rows } = await database.pool.query('select rest, query from webhook_requests where id = $1', [id]);
  expect(rows).toEqual([{ rest: 'v2/alerts/ada/a', query: 'q=' }]);
});

it('a request that was stored before the clock was set back is worked on at once', async () => {
  const id = await store('back', 'first');
  await database.pool.query("update webhook_requests set not_before = not_before + interval '1 hour'");
  start();
  await eventually(async () => expect((await statusOf(id))?.status).toBe('done'));
});

it('a request that fails does not keep those before it, is tried five times, and then lets the others pass', async () => {
  const [first, poison, last] = [await store('p', 'first'), await store('p', 'poison'), await store('p', 'last')];
  const { taken } = start();
  for (let attempts = 1; attempts < 5; attempts += 1) {
    await eventually(async () => expect(await statusOf(poison)).toEqual({ status: 'waiting', attempts }));
    expect((await statusOf(last))?.status).toBe('waiting');
    await database.pool.query("update webhook_requests set not_before = now() where source = 'p'");
  }
  await eventually(async () => expect((await statusOf(last))?.status).toBe('done'));
  expect(await statusOf(poison)).toEqual({ status: 'dead', attempts: 5 });
  expect((await statusOf(first))?.status).toBe('done');
  expect(taken).toEqual(['first firing', 'last firing']);
});

it('a request whose mapping takes too long is tried three times besides other failures, and those behind it wait', async () => {
  const send = (t: string) =>
    storeRequest(database.pool, {
      ...{ source: 'slow', sender: 'generic', method: 'POST', rest: '', query: '', headers: {} },
      body: Buffer.from(JSON.stringify({ t })),
    });
  const [endless, next] = [await send(`${'a'.repeat(60)}b`), await send('a')];
  const mapping = '$match(t, /^(a+)+$/) ? { "alert_id": t, "status": "firing", "title": t } : []';
  const taken: unknown[] = [];
  const accept: Intake['accept'] = async (_source, sent) => {
    taken.push(...sent);
    return { accepted: sent.length, alerts: [] };
  };
  const work = { intake: { accept }, lease: { keep: async () => undefined, fence: async () => undefined } };
  const applied = async () =>
    applyRequests(work, await waitingRequests(database.pool, 'slow'), { ...settings, mapping });
  const claim = { source: 'slow', lease: 'one' };
  expect(await claimSource(database.pool, claim.lease, 60)).toBe('slow');
  const end = async (message: string, status: 'waiting' | 'dead' = 'waiting') =>
    expect(await finishRequests(database.pool, claim, [{ id: endless ?? '', status, message }])).toBe(true);
  const waiting = { id: endless, status: 'waiting', message: 'The mapping failed: It took longer than 1 s.' };
  for (const failure of ['lock timeout', 'lock timeout']) await end(failure);
  for (let times = 1; times < 3; times += 1) {
    const { finished, dead } = await applied();
    expect([finished, dead, taken]).toEqual([[{ ...waiting, retrySeconds: 1 }], [], []]);
    await end(waiting.message);
  }
  const last = await applied();
  expect(last.dead).toEqual([{ ...waiting, status: 'dead', reason: 'not_understood' }]);
  expect(last.finished.map(({ id, status }) => [id, status]).toSorted()).toEqual(
    [
      [endless, 'dead'],
      [next, 'done'],
    ].toSorted(),
  );
  expect(taken).toMatchObject([{ title: 'a' }]);

  // A replay counts anew.
  await end(waiting.message, 'dead');
  await transaction(database.pool, (client) => replayWebhook(client, `webhook:${endless}`));
  const failuresOfEndless = async () =>
    (await waitingRequests(database.pool, 'slow')).find(({ id }) => id === endless)?.failures;
  expect(await failuresOfEndless()).toEqual([]);
  await end('lock timeout');
  expect(await failuresOfEndless()).toEqual(['lock timeout']);
  await database.pool.query("delete from webhook_requests where source = 'slow'");
});

it('a request whose end the database refuses to record becomes a dead letter and lets the others pass', async () => {
  await database.pool.query(`
    create function refuse() returns trigger language plpgsql as $$ begin
      raise exception 'invalid input syntax' using errcode = '22P02'; end $$;
    create trigger refuse before update on webhook_requests for each row
      when (new.status = 'done' and position('odd'::bytea in new.body) > 0) execute function refuse()`);
  onTestFinished(async () => void (await database.pool.query('drop function refuse cascade')));
  const [first, odd, last] = [await store('r', 'first'), await store('r', 'odd'), await store('r', 'last')];
  start();
  await eventually(async () => expect((await statusOf(last))?.status).toBe('done'));
  expect([(await statusOf(first))?.status, (await statusOf(odd))?.status]).toEqual(['done', 'dead']);
  const audit =
    "select payload from audit_log where action = 'console.webhooks.not_understood' and payload->>'source' = 'r'";
  expect((await database.pool.query(audit)).rows).toEqual([
    { payload: { source: 'r', request_id: odd, reason: 'failed', message: 'invalid input syntax' } },
  ]);
});

it('a request is later than those before it also if the clock of the database was set back by an hour', async () => {
  const first = await store('clock', 'a');
  await database.pool.query("update webhook_requests set received_at = now() + interval '1 hour' where id = $1", [
    first,
  ]);
  const second = await store('clock', 'a', 'RESOLVED');
  const sql = 'select id::text from webhook_requests where source = $1 order by received_at';
  const { rows } = await database.pool.query<{ id: string }>(sql, ['clock']);
  expect(rows.map(({ id }) => id)).toEqual([first, second]);
});

it('a request that was stored before the clock of the database was set back by an hour is taken at once', async () => {
  const [first, second] = [await store('behind', 'first'), await store('behind', 'second')];
  await database.pool.query("update webhook_requests set not_before = now() + interval '1 hour' where id = $1", [
    first,
  ]);
  const { taken } = start();
  await eventually(async () => expect((await statusOf(second))?.status).toBe('done'));
  expect(taken).toEqual(['first firing', 'second firing']);
});

it('requests about one alert are applied one after the other, those about several together', async () => {
  await store('o', 'a');
  await store('o', 'b');
  await store('o', 'a', 'RESOLVED');
  const last = await store('o', 'a');
  const { taken } = start();
  await eventually(async () => expect((await statusOf(last))?.status).toBe('done'));
  expect(taken).toEqual(['a firing', 'b firing', 'a resolved', 'a firing']);
});

it('a source is worked on by one process at a time, and taken over when its lease has expired', async () => {
  const id = (await store('l', 'x')) ?? '';
  expect(await claimSource(database.pool, 'first', 60)).toBe('l');
  expect(await claimSource(database.pool, 'second', 60)).toBeNull();
  await database.pool.query("update webhook_sources set leased_until = now() - interval '1 s' where source = 'l'");
  expect(await claimSource(database.pool, 'second', 60)).toBe('l');

  const done = [{ id, status: 'done' as const }];
  expect(await finishRequests(database.pool, { source: 'l', lease: 'first' }, done)).toBe(false);
  expect(await waitingRequests(database.pool, 'l')).toMatchObject([{ id, isDue: true }]);
  expect(await finishRequests(database.pool, { source: 'l', lease: 'second' }, done)).toBe(true);
  await releaseSource(database.pool, 'l', 'second');
  expect(await claimSource(database.pool, 'third', 60)).toBeNull();
});

it('a consumer that lost its lease while it delivered commits nothing', async () => {
  const id = (await store('f', 'x')) ?? '';
  await claimSource(database.pool, 'first', 60);
  const { deliver } = createDelivery({
    ...{ pool: database.pool, registry, writers: actionWriters, router: async () => noRoutes },
    log: createLog({ level: 'silent' }),
  });
  const accept: Intake['accept'] = async (_source, _sent, { fence } = {}) => {
    // Suspended for longer than the lease lasts, after it was last prolonged.
    await database.pool.query("update webhook_sources set leased_until = now() - interval '1 s' where source = 'f'");
    expect(await claimSource(database.pool, 'second', 60)).toBe('f');
    await deliver([{ to: 'alert:f:x', event: { ...emitted() } }], undefined, fence);
    return { accepted: 1, alerts: [] };
  };
  const lease = holdLease(database.pool, { source: 'f', lease: 'first' }, 60);
  onTestFinished(() => lease.end());
  const requests = await waitingRequests(database.pool, 'f');
  await expect(applyRequests({ intake: { accept }, lease }, requests, settings)).rejects.toThrow(LeaseLost);
  expect((await database.pool.query("select id from actors where id like 'alert:f:%'")).rows).toEqual([]);
  expect(await statusOf(id)).toEqual({ status: 'waiting', attempts: 0 });
  await database.pool.query("delete from webhook_requests where source = 'f'");
});

it('a request whose statements take too long is a failed request and no outage, so that its source goes on', async () => {
  const [first, poison] = [await store('t', 'first'), await store('t', 'poison')];
  start(Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' }));
  await eventually(async () => expect(await statusOf(poison)).toEqual({ status: 'waiting', attempts: 1 }));
  expect((await statusOf(first))?.status).toBe('done');
  await failThreeTimesMore('t');
  await eventually(async () => expect(await statusOf(poison)).toEqual({ status: 'dead', attempts: 5 }));
});

it('a request whose alerts another transaction locks for long waits until they are free, and is no dead letter', async () => {
  const [locked, last] = [await store('k', 'poison'), await store('k', 'last')];
  const lock = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
  // As the intake throws it for alerts that could not be stored.
  const { taken } = start(new Error('0 of 1 alerts are stored', { cause: lock }));
  await eventually(async () => expect(await statusOf(locked)).toEqual({ status: 'waiting', attempts: 1 }));
  await database.pool.query("update webhook_requests set not_before = now(), attempts = 40 where source = 'k'");
  await eventually(async () => expect(await statusOf(locked)).toEqual({ status: 'waiting', attempts: 41 }));
  // It is tried again within a minute, and what follows it keeps its place.
  const { rows } = await database.pool.query(
    "select from webhook_requests where not_before > now() + interval '1 min'",
  );
  expect([rows, taken, (await statusOf(last))?.status]).toEqual([[], [], 'waiting']);
});

it('a source with few requests is served between the requests of busy ones', async () => {
  for (let n = 0; n < 20; n += 1) {
    await store('busy1', 'a');
    await store('busy2', 'b');
  }
  const quiet = await store('quiet', 'quiet');
  const { taken } = start();
  await eventually(async () => expect((await statusOf(quiet))?.status).toBe('done'));
  expect(taken.indexOf('quiet firing')).toBeLessThan(10);
});

it('a request is no failed one where the database is away after its statements took too long', async () => {
  const id = await store('away', 'x');
  const failing = (code: string) => async () => {
    throw Object.assign(new Error(code), { code });
  };
  let isAway = false;
  const keep = async () => {
    if (isAway) await failing('ECONNREFUSED')();
    isAway = true;
  };
  const work = { intake: { accept: failing('57014') }, lease: { keep, fence: async () => undefined } };
  const requests = await waitingRequests(database.pool, 'away');
  await expect(applyRequests(work, requests, settings)).rejects.toThrow('ECONNREFUSED');
  await database.pool.query('delete from webhook_requests where id = $1', [id]);
});

it('of one source 1,000 dead letters are kept, with a short message each', async () => {
  await database.pool.query(
    `insert into webhook_requests (source, sender, method, body, bytes, status, finished_at)
     select 'dead', 'gatus', 'POST', '', 0, 'dead', now() from generate_series(1, 1000)`,
  );
  const poison = await store('dead', 'poison');
  start(new Error('long '.repeat(1_000)));
  await eventually(async () => expect(await statusOf(poison)).toEqual({ status: 'waiting', attempts: 1 }));
  await failThreeTimesMore('dead');
  await eventually(async () => expect(await statusOf(poison)).toEqual({ status: 'dead', attempts: 5 }));
  const counts = "select status, count(*)::int as n from webhook_requests where source = 'dead' group by 1 order by 1";
  expect((await database.pool.query(counts)).rows).toEqual([
    { status: 'dead', n: 1_000 },
    { status: 'discarded', n: 1 },
  ]);
  const { rows } = await database.pool.query<{ action: string; payload: { message: string } }>(
    "select action, payload from audit_log where payload->>'source' = 'dead' order by action",
  );
  expect(rows).toMatchObject([
    { action: 'console.webhooks.discarded', payload: { requests: 1 } },
    { action: 'console.webhooks.not_understood', payload: { message: expect.stringMatching(/^.{499}…$/) } },
  ]);
});
