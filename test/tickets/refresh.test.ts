import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createRefresh, type Refresh } from '../../src/tickets/refresh.ts';
import { becomes, filed, type House, openClickHouse, type Process } from '../support/clicks.ts';
import { eventually } from '../support/eventually.ts';

/** What the console shows of our tickets follows what the help desk says of them. */

let house: House;
let one: Process;
let refresh: Refresh;
beforeAll(async () => {
  house = await openClickHouse();
  one = house.process();
  refresh = createRefresh({ pool: house.pool, desk: one.helpDesk, log: createLog({ level: 'silent' }) });
});
afterAll(() => house.close());
afterEach(() => house.desk.control.faults.clear());

async function ticketFor(id: string): Promise<number> {
  await becomes(one, id, 'up', 'down');
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
