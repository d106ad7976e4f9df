import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { Intake } from '../../../src/alerts/intake/intake.ts';
import { startWebhookConsumer } from '../../../src/alerts/webhooks/consumer.ts';
import { storeRequest } from '../../../src/alerts/webhooks/store.ts';
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
const json = { 'content-type': 'application/json' };
const store = (source: string, sender: string, body: Buffer, headers: Record<string, string> = json) =>
  storeRequest(database.pool, { source, sender, method: 'POST', rest: '', query: '', headers, body });
const one = (source: string) => store(source, 'gatus', Buffer.from(JSON.stringify({ name: 'x', status: 'TRIGGERED' })));
const ask = async <T>(sql: string, ...values: unknown[]) =>
  (await database.pool.query<T & object>(sql, values)).rows[0];
const statusOf = (id: string | null) =>
  ask<{ status: string; attempts: number; alerts: number; rejected: number }>(
    'select status, attempts, alerts, rejected from webhook_requests where id = $1',
    id,
  );

/** A consumer without notifications; answers the numbers of alerts that its intake was given at once. */
function start({
  before,
  settingsOf,
}: {
  before?: () => Promise<void>;
  settingsOf?: (source: string) => Promise<void>;
} = {}) {
  const sizes: number[] = [];
  const accept: Intake['accept'] = async (_source, sent) => {
    sizes.push(sent.length);
    await before?.();
    return { accepted: sent.length, alerts: [] };
  };
  const consumer = startWebhookConsumer({
    ...{ pool: database.pool, intake: { accept }, onFinished: () => undefined, warn: () => undefined },
    settingsOf: async (source) => {
      await settingsOf?.(source);
      return settings;
    },
    listener: { on: () => () => undefined, onReconnect: () => () => undefined },
    leaseSeconds: 8,
  });
  onTestFinished(() => consumer.stop());
  return sizes;
}

it('the lease of a source is prolonged while one of its requests is worked on', async () => {
  const id = await one('long');
  const until = () =>
    ask<{ until: Date }>("select leased_until as until from webhook_sources where source = 'long'").then(
      (row) => row?.until.getTime() ?? 0,
    );
  const sizes = start({
    async before() {
      const first = await until();
      await eventually(async () => expect(await until()).toBeGreaterThan(first));
    },
  });
  await eventually(async () => expect(await statusOf(id)).toMatchObject({ status: 'done', attempts: 1 }));
  expect(sizes).toEqual([1]);
});

it('a process that has lost its source before it applies a request does not apply it', async () => {
  const lost = await one('lost');
  const next = await one('next');
  const sizes = start({
    async settingsOf(source) {
      if (source !== 'lost') return;
      const takeOver = "update webhook_sources set lease = 'another', leased_until = now() + interval '7 s'";
      await database.pool.query(`${takeOver} where source = 'lost'`);
    },
  });
  await eventually(async () => {
    const sql = "select lease from webhook_sources where source = 'lost'";
    expect(await ask(sql)).toEqual({ lease: 'another' });
    expect(await statusOf(next)).toMatchObject({ status: 'done' });
  });
  expect(await statusOf(lost)).toMatchObject({ status: 'waiting', attempts: 0 });
  expect(sizes).toEqual([1]);
});

it('a request with more alerts than one transaction takes is applied in parts, and is done after the last', async () => {
  const alerts = Array.from({ length: 2_500 }, (_, n) => ({
    status: 'firing',
    labels: { alertname: `a${n}` },
    fingerprint: `f${n % 2_400}`,
  }));
  const id = await store('large', 'alertmanager', Buffer.from(JSON.stringify({ version: '4', alerts })));
  const sizes = start();
  await eventually(async () => expect(await statusOf(id)).toMatchObject({ status: 'done', alerts: 2_500 }));
  expect(sizes).toEqual([1_000, 1_000, 500]);
});

it('compressed requests count with their size after decompression', async () => {
  const ids: (string | null)[] = [];
  for (let n = 0; n < 4; n += 1) {
    const body = { name: `x${n}`, status: 'TRIGGERED', padding: ' '.repeat(7 * 1_048_576) };
    const headers = { ...json, 'content-encoding': 'gzip' };
    ids.push(await store('zip', 'gatus', gzipSync(JSON.stringify(body)), headers));
  }
  const sizes = start();
  await eventually(async () => expect(await statusOf(ids[3] ?? null)).toMatchObject({ status: 'done' }));
  expect(sizes).toEqual([3, 1]);
});
