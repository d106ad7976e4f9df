import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/log/log.ts';
import { createRefresh, type Refresh } from '../../src/tickets/refresh.ts';
import { createWebhook } from '../../src/tickets/webhook.ts';
import {
  type Environment,
  filed,
  notesOn,
  type Process,
  reportChecks,
  startClickEnvironment,
} from '../support/clickEnvironment.ts';
import { eventually } from '../support/eventually.ts';

/** The stored state of our tickets follows the help desk. */

let environment: Environment;
let one: Process;
let refresh: Refresh;
beforeAll(async () => {
  environment = await startClickEnvironment();
  one = environment.process();
  refresh = createRefresh({ pool: environment.pool, desk: one.helpDesk, log: createLog({ level: 'silent' }) });
});
afterAll(() => environment.close());
afterEach(() => environment.desk.control.faults.clear());

async function ticketFor(id: string): Promise<number> {
  await reportChecks(one, id, 'up', 'down');
  return (await filed(one.investigate(id, 'olga'))).ticket_id;
}

const shown = async (ticketId: number) => {
  const { rows } = await environment.pool.query(
    'select ticket_status as status, assignee from filings where ticket_id = $1',
    [ticketId],
  );
  return rows[0];
};

test.each([
  ['pending', 'status', { status: 'pending' }],
  ['closed', 'status', { status: 'closed' }],
  ['spam', 'status', { status: 'spam' }],
  ['gone', 'trash', {}],
  ['gone', 'move', { mailbox: 1 }],
  ['gone', 'delete', {}],
])('a ticket becomes %s after %s %j', async (status, action, fields) => {
  const ticketId = await ticketFor(`${action}-${status}`);
  environment.desk.control.act(ticketId, action, fields);
  await refresh.all();
  expect(await shown(ticketId)).toMatchObject({ status });
});

test('a closed ticket that is reopened is active again, with its assignee', async () => {
  const ticketId = await ticketFor('reopened');
  environment.desk.control.act(ticketId, 'status', { status: 'closed' });
  await refresh.all();
  environment.desk.control.act(ticketId, 'status', { status: 'active' });
  environment.desk.control.act(ticketId, 'assign', { user: 2 });
  await refresh.all();
  expect(await shown(ticketId)).toStrictEqual({ status: 'active', assignee: 'Sam Support' });
});

test('a single ticket of ours is refreshed, and a foreign ticket is not', async () => {
  const ticketId = await ticketFor('single');
  environment.desk.control.act(ticketId, 'status', { status: 'closed' });
  // Other requests may be under way, of what earlier tests left behind.
  const about = new RegExp(`/conversations/(${ticketId}|999999)\\b`);
  const reads = () => environment.desk.state.requests.filter(({ url }) => about.test(url)).length;
  const before = reads();
  await refresh.one(ticketId);
  await refresh.one(999_999);
  expect(await shown(ticketId)).toMatchObject({ status: 'closed' });
  expect(reads()).toBe(before + 1);
});

test('while FreeScout fails the stored state stays', async () => {
  const ticketId = await ticketFor('unknown');
  environment.desk.control.act(ticketId, 'status', { status: 'closed' });
  environment.desk.control.faults.add({ kind: 'status', status: 500 });
  await refresh.all();
  expect(await shown(ticketId)).toMatchObject({ status: 'active' });
  environment.desk.control.faults.clear();
  await refresh.all();
  expect(await shown(ticketId)).toMatchObject({ status: 'closed' });
});

test('a ticket that FreeScout cannot read keeps no other from being read', async () => {
  const [poisonous, beside] = [await ticketFor('poisonous'), await ticketFor('beside')];
  for (const id of [poisonous, beside]) environment.desk.control.act(id, 'status', { status: 'closed' });
  environment.desk.control.faults.add({ kind: 'status', status: 500, path: `/conversations/${poisonous}$` });
  await refresh.all();
  expect([await shown(poisonous), await shown(beside)]).toMatchObject([{ status: 'active' }, { status: 'closed' }]);
  environment.desk.control.faults.clear();
  await refresh.all();
  expect(await shown(poisonous)).toMatchObject({ status: 'closed' });
});

test('a changed ticket notifies the pages of its surface', async () => {
  const ticketId = await ticketFor('told');
  const heard: string[] = [];
  const client = await environment.pool.connect();
  client.on('notification', ({ payload }) => heard.push(payload ?? ''));
  await client.query('listen console');
  environment.desk.control.act(ticketId, 'status', { status: 'closed' });
  await refresh.all();
  await eventually(async () => {
    await client.query('select 1');
    expect(heard).toContainEqual(expect.stringContaining('"surface:told"'));
  });
  client.release(true);
});

const repliedAt = async (ticketId: number): Promise<Date | null> => {
  const { rows } = await environment.pool.query('select replied_at from filings where ticket_id = $1', [ticketId]);
  return rows[0]?.replied_at;
};

test.each(['reply', 'note'])('a %s of a person is the last reply, and a change of assignee is not', async (action) => {
  const ticketId = await ticketFor(`said-${action}`);
  environment.desk.control.act(ticketId, 'assign', { user: 2 });
  await refresh.all();
  expect(await repliedAt(ticketId)).toBeNull();
  environment.desk.control.act(ticketId, action, { text: 'I am on it.' });
  await refresh.all();
  expect(await repliedAt(ticketId)).toBeInstanceOf(Date);
});

test('a note of our own is not a reply', async () => {
  const ticketId = await ticketFor('our-note');
  const before = notesOn(environment, ticketId).length;
  await reportChecks(one, 'our-note', 'up');
  await eventually(async () => expect(notesOn(environment, ticketId).length).toBe(before + 1));
  await refresh.one(ticketId);
  expect(await repliedAt(ticketId)).toBeNull();
});

test('of two reads the one that started later counts, in any order of answers', async () => {
  const ticketId = await ticketFor('crossed');
  let letGo = () => {};
  let isAnswered = false;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const slow = createRefresh({
    pool: environment.pool,
    desk: {
      ...one.helpDesk,
      async get(id, options) {
        const ticket = await one.helpDesk.get(id, options);
        isAnswered = true;
        await held;
        return ticket;
      },
    },
    log: createLog({ level: 'silent' }),
  });
  const asked = slow.one(ticketId);
  await eventually(async () => expect(isAnswered).toBe(true));
  environment.desk.control.act(ticketId, 'status', { status: 'closed' });
  await refresh.one(ticketId);
  letGo();
  await asked;
  expect(await shown(ticketId)).toMatchObject({ status: 'closed' });
});

describe('pushes', () => {
  const secret = 'b2a1f0c9d8e7f6a5b4c3d2e1f0a9b8c7';
  const push = (ticketId: number, body: object = {}) => {
    const bytes = Buffer.from(
      JSON.stringify({ id: ticketId, mailboxId: environment.desk.operationsMailboxId, ...body }),
    );
    const take = createWebhook({ secret: () => secret, refresh, onFailed: () => undefined });
    return take(bytes, createHmac('sha1', secret).update(bytes).digest('base64'));
  };
  const reads = (ticketId: number) =>
    environment.desk.state.requests.filter(
      ({ method, url }) => method === 'GET' && url.startsWith(`/api/conversations/${ticketId}?`),
    ).length;

  test('update a ticket at once, before the next refresh', async () => {
    const ticketId = await ticketFor('pushed');
    environment.desk.control.act(ticketId, 'assign', { user: 2 });
    expect(push(ticketId)).toBe(true);
    await eventually(async () => expect(await shown(ticketId)).toMatchObject({ assignee: 'Sam Support' }));
  });

  test('that arrive fifty times at once cause at most two reads', async () => {
    const ticketId = await ticketFor('repeated');
    const before = reads(ticketId);
    environment.desk.control.act(ticketId, 'status', { status: 'pending' });
    for (let n = 0; n < 50; n++) push(ticketId);
    await eventually(async () => expect(await shown(ticketId)).toMatchObject({ status: 'pending' }));
    await refresh.one(ticketId);
    // Each read gets the ticket, and its threads for the last reply.
    expect(reads(ticketId) - before).toBeLessThanOrEqual(6);
  });

  test('that are late, reordered or replayed show the current state of the ticket', async () => {
    const ticketId = await ticketFor('replayed');
    environment.desk.control.act(ticketId, 'status', { status: 'closed' });
    environment.desk.control.act(ticketId, 'status', { status: 'active' });
    push(ticketId, { status: 'active' });
    push(ticketId, { status: 'closed' });
    push(ticketId, { status: 'closed', state: 'deleted' });
    await refresh.one(ticketId);
    expect(await shown(ticketId)).toMatchObject({ status: 'active' });
  });

  test('without a valid signature change nothing and read nothing', async () => {
    const ticketId = await ticketFor('forged');
    const before = reads(ticketId);
    const bytes = Buffer.from(JSON.stringify({ id: ticketId, mailboxId: 1 }));
    const take = createWebhook({ secret: () => secret, refresh, onFailed: () => undefined });
    expect(take(bytes, createHmac('sha1', 'other').update(bytes).digest('base64'))).toBe(false);
    await refresh.all();
    expect(reads(ticketId) - before).toBeLessThanOrEqual(1);
  });
});
