import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import { forgetGroupedMessages } from '../../src/alerts/forgetGroupedMessages.ts';
import { createCopyStore } from '../../src/notify/copyStore.ts';
import { createDmStore } from '../../src/notify/dmStore.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';
import { trustedClock } from '../support/trustedClock.ts';

let environment: ManualEnvironment;
beforeAll(async () => {
  environment = await startManualEnvironment();
});
afterAll(() => environment.drop());

const store = () => createDmStore(environment.pool, trustedClock);
const message = (source: string): DmRequest => ({
  ...{ id: `dm:umbrella:${source}:1`, thread: `umbrella:${source}:1`, kind: 'grouped', source },
  body: { source, members: [], count: 0, ticket: null },
});

const INSTANTS = ['created_at', 'attempted_at', 'sent_at', 'handed_over_at'];
/** Makes all messages and actors so many days older. */
async function pass(days: number): Promise<void> {
  const { pool } = environment;
  const older = INSTANTS.map((at) => `${at} = ${at} - $1 * interval '1 day'`).join(', ');
  await pool.query(`update direct_messages set ${older}`, [days]);
  await pool.query("update actors set updated_at = updated_at - $1 * interval '1 day'", [days]);
}
const forget = () => forgetGroupedMessages(environment.pool, { days: 30 });
const count = async (from: string): Promise<number> =>
  Number((await environment.pool.query(`select count(*) from ${from}`)).rows[0].count);
const rowsOf = (source: string) => count(`direct_messages where id like 'dm:umbrella:${source}:%'`);

it('a grouped message is deleted with its actor after the days that records are kept', async () => {
  const request = message('old');
  const actor = `grouped:${request.id}`;
  await environment.deliver([{ to: actor, event: { type: 'SEND', request } }]);
  await store().recordIntents([request]);
  await store().recordSent(request.id, { channel: 'D1', ts: '1' });
  await pass(31);
  // Its actor does not have the result yet.
  expect(await forget()).toBe(0);
  await environment.answer(actor, 'dm', { outcome: 'sent' });
  expect(await forget()).toBe(1);
  expect(await rowsOf('old')).toBe(0);
  for (const from of [`actors where id = '${actor}'`, `effects where actor_id = '${actor}'`]) {
    expect(await count(from), from).toBe(0);
  }
  expect(await count(`actor_history where actor_id = '${actor}'`)).toBe(0);
});

it('a grouped message is kept until the days that records are kept have passed since it was sent', async () => {
  const request = message('replayed');
  await store().recordIntents([request]);
  await pass(400);
  await store().recordSent(request.id, { channel: 'D1', ts: '1' });
  await pass(29);
  expect(await forget()).toBe(0);
  await pass(2);
  expect(await forget()).toBe(1);
  expect(await rowsOf('replayed')).toBe(0);
});

it('a grouped message is deleted with its copies, once none of them waits', async () => {
  const request = message('copied');
  const copy = { ...request, id: `${request.id}@C1`, to: 'C1' };
  const actor = `grouped:${copy.id}`;
  const copies = createCopyStore(environment.pool);
  await store().recordIntents([request]);
  await copies.recordCopies([{ of: request.id, request: copy }]);
  await environment.deliver([{ to: actor, event: { type: 'SEND', request: copy } }]);
  await copies.recordHandedOver([request.id]);
  await pass(400);
  expect(await forget()).toBe(0);
  await store().recordSent(copy.id, { channel: 'C1', ts: '1' });
  await environment.answer(actor, 'dm', { outcome: 'sent' });
  await pass(31);
  expect(await forget()).toBe(1);
  expect(await rowsOf('copied')).toBe(0);
  expect(await count(`actors where id = '${actor}'`)).toBe(0);
});

it('a grouped message in doubt is kept however old it is', async () => {
  const request = message('doubt');
  await store().recordIntents([request]);
  await environment.pool.query("update direct_messages set phase = 'attempting', attempted_at = now() where id = $1", [
    request.id,
  ]);
  await pass(400);
  expect(await forget()).toBe(0);
  await store().recordSent(request.id, { channel: 'D1', ts: '1' });
  await pass(31);
  expect(await forget()).toBe(1);
});

it('a grouped message that its umbrella has yet to send, or that is a dead letter, is kept', async () => {
  const request = message('dead');
  await store().recordIntents([request]);
  await environment.pool.query(
    "insert into effects (id, actor_id, child_id, src, input) values ('one', 'umbrella:dead', 'dm', 'sendDm', $1)",
    [JSON.stringify(request)],
  );
  await pass(400);
  for (const status of ['pending', 'running', 'dead']) {
    await environment.pool.query("update effects set status = $1 where id = 'one'", [status]);
    expect(await forget(), status).toBe(0);
  }
  await environment.pool.query("update effects set status = 'discarded' where id = 'one'");
  expect(await forget()).toBe(1);
  expect(await rowsOf('dead')).toBe(0);
});

it('the actor of a grouped message that was withheld is deleted too, and its umbrella is kept', async () => {
  const request = message('shadow');
  const actor = `grouped:${request.id}`;
  const member = { alertKey: 'shadow:a', severity: 'P1', title: 'Disk is full' } as const;
  await environment.deliver([
    { to: actor, event: { type: 'SEND', request } },
    { to: 'umbrella:shadow', event: { type: 'TICKET_MEMBER', member } },
  ]);
  await pass(400);
  expect(await forget()).toBe(0);
  await environment.answer(actor, 'dm', { outcome: 'skipped' });
  await pass(29);
  expect(await forget()).toBe(0);
  await pass(2);
  expect(await forget()).toBe(1);
  expect(await count(`actors where id = '${actor}'`)).toBe(0);
  expect(await count("actors where id = 'umbrella:shadow'")).toBe(1);
});
