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

/** What the console shows of our tickets follows what the help desk says of them. */

let house: Environment;
let one: Process;
let refresh: Refresh;
beforeAll(async () => {
  house = await startClickEnvironment();
  one = house.process();
  refresh = createRefresh({ pool: house.pool, desk: one.helpDesk, log: createLog({ level: 'silent' }) });
});
afterAll(() => house.close());
afterEach(() => house.desk.control.faults.clear());

async function ticketFor(id: string): Promise<number> {
  await reportChecks(one, id, 'up', 'down');
  return (await filed(one.investigate(id, 'olga'))).ticket_id;
}

const shown = async (ticketId: number) => {
  const { rows } = await house.pool.query(
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
  house.desk.control.act(ticketId, action, fields);
  await refresh.all();
  expect(await shown(ticketId)).toMatchObject({ status });
});

test('a closed ticket that is opened again is active again, and its agent is shown', async () => {
  const ticketId = await ticketFor('reopened');
  house.desk.control.act(ticketId, 'status', { status: 'closed' });
  await refresh.all();
  house.desk.control.act(ticketId, 'status', { status: 'active' });
  house.desk.control.act(ticketId, 'assign', { user: 2 });
  await refresh.all();
  expect(await shown(ticketId)).toStrictEqual({ status: 'active', assignee: 'Sam Support' });
});

test('one ticket is looked at by itself, and a ticket of strangers is not', async () => {
  const ticketId = await ticketFor('single');
  house.desk.control.act(ticketId, 'status', { status: 'closed' });
  const before = house.desk.state.requests.length;
  await refresh.one(ticketId);
  await refresh.one(999_999);
  expect(await shown(ticketId)).toMatchObject({ status: 'closed' });
  expect(house.desk.state.requests.length).toBe(before + 1);
});

test('while FreeScout fails, what was known stays', async () => {
  const ticketId = await ticketFor('unknown');
  house.desk.control.act(ticketId, 'status', { status: 'closed' });
  house.desk.control.faults.add({ kind: 'status', status: 500 });
  await refresh.all();
  expect(await shown(ticketId)).toMatchObject({ status: 'active' });
  house.desk.control.faults.clear();
  await refresh.all();
  expect(await shown(ticketId)).toMatchObject({ status: 'closed' });
});

test('the pages of the surface are told', async () => {
  const ticketId = await ticketFor('told');
  const heard: string[] = [];
  const client = await house.pool.connect();
  client.on('notification', ({ payload }) => heard.push(payload ?? ''));
  await client.query('listen console');
  house.desk.control.act(ticketId, 'status', { status: 'closed' });
  await refresh.all();
  await eventually(async () => {
    await client.query('select 1');
    expect(heard).toContainEqual(expect.stringContaining('"surface:told"'));
  });
  client.release(true);
});

const repliedAt = async (ticketId: number): Promise<Date | null> => {
  const { rows } = await house.pool.query('select replied_at from filings where ticket_id = $1', [ticketId]);
  return rows[0]?.replied_at;
};

test.each(['reply', 'note'])('a %s of a person is the last word, and a change of hands is none', async (action) => {
  const ticketId = await ticketFor(`said-${action}`);
  house.desk.control.act(ticketId, 'assign', { user: 2 });
  await refresh.all();
  expect(await repliedAt(ticketId)).toBeNull();
  house.desk.control.act(ticketId, action, { text: 'I am on it.' });
  await refresh.all();
  expect(await repliedAt(ticketId)).toBeInstanceOf(Date);
});

test('a note of our own is nobody’s last word', async () => {
  const ticketId = await ticketFor('our-note');
  const before = notesOn(house, ticketId).length;
  await reportChecks(one, 'our-note', 'up');
  await eventually(async () => expect(notesOn(house, ticketId).length).toBe(before + 1));
  await refresh.one(ticketId);
  expect(await repliedAt(ticketId)).toBeNull();
});

test('of two looks the one that was asked for later counts, whichever answers last', async () => {
  const ticketId = await ticketFor('crossed');
  let letGo = () => {};
  let isAnswered = false;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const slow = createRefresh({
    pool: house.pool,
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
  house.desk.control.act(ticketId, 'status', { status: 'closed' });
  await refresh.one(ticketId);
  letGo();
  await asked;
  expect(await shown(ticketId)).toMatchObject({ status: 'closed' });
});

describe('pushes', () => {
  const secret = 'b2a1f0c9d8e7f6a5b4c3d2e1f0a9b8c7';
  const push = (ticketId: number, body: object = {}) => {
    const bytes = Buffer.from(JSON.stringify({ id: ticketId, mailboxId: house.desk.operationsMailboxId, ...body }));
    const take = createWebhook({ secret, refresh, onFailed: () => undefined });
    return take(bytes, createHmac('sha1', secret).update(bytes).digest('base64'));
  };
  const reads = (ticketId: number) =>
    house.desk.state.requests.filter(
      ({ method, url }) => method === 'GET' && url.startsWith(`/api/conversations/${ticketId}?`),
    ).length;

  test('tell at once what changed, without waiting for the next comparison', async () => {
    const ticketId = await ticketFor('pushed');
    house.desk.control.act(ticketId, 'assign', { user: 2 });
    expect(push(ticketId)).toBe(true);
    await eventually(async () => expect(await shown(ticketId)).toMatchObject({ assignee: 'Sam Support' }));
  });

  test('that come fifty times at once are two looks at most', async () => {
    const ticketId = await ticketFor('repeated');
    const before = reads(ticketId);
    house.desk.control.act(ticketId, 'status', { status: 'pending' });
    for (let n = 0; n < 50; n++) push(ticketId);
    await eventually(async () => expect(await shown(ticketId)).toMatchObject({ status: 'pending' }));
    await refresh.one(ticketId);
    // Each look reads the ticket, and its threads for the last word.
    expect(reads(ticketId) - before).toBeLessThanOrEqual(6);
  });

  test('that come late, out of order or from a recording show what is, not what they say', async () => {
    const ticketId = await ticketFor('replayed');
    house.desk.control.act(ticketId, 'status', { status: 'closed' });
    house.desk.control.act(ticketId, 'status', { status: 'active' });
    push(ticketId, { status: 'active' });
    push(ticketId, { status: 'closed' });
    push(ticketId, { status: 'closed', state: 'deleted' });
    await refresh.one(ticketId);
    expect(await shown(ticketId)).toMatchObject({ status: 'active' });
  });

  test('that nobody signed change nothing and ask nothing', async () => {
    const ticketId = await ticketFor('forged');
    const before = reads(ticketId);
    const bytes = Buffer.from(JSON.stringify({ id: ticketId, mailboxId: 1 }));
    const take = createWebhook({ secret, refresh, onFailed: () => undefined });
    expect(take(bytes, createHmac('sha1', 'other').update(bytes).digest('base64'))).toBe(false);
    await refresh.all();
    expect(reads(ticketId) - before).toBeLessThanOrEqual(1);
  });
});
