import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addDatabaseGauges } from '../../src/app/databaseGauges.ts';
import { createLog } from '../../src/log/log.ts';
import { createRefresh } from '../../src/tickets/refresh.ts';
import { startEnvironment } from '../support/environment.ts';
import { WAIT_TIMEOUT_MS } from '../support/waitTimeout.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
afterAll(() => environment.close());

const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const dropped = async (id: string) =>
  (await environment.audit('console.alerts.note_dropped'))
    .map(({ payload }) => payload)
    .filter(({ alert_key }) => alert_key === `monitor:${id}`);
const refresh = () =>
  createRefresh({ pool: environment.pool, desk: one.helpDesk, log: createLog({ level: 'silent' }) }).all();

/** An alert with its ticket. */
async function filed(id: string) {
  await one.fire(id, { severity: 'P2' });
  await environment.settled();
  const [ticket] = tickets(id);
  if (!ticket) throw new Error(`no ticket was filed for ${id}`);
  return ticket;
}

it('a ticket closed by a person while the alert is active stays the only one of its episode', async () => {
  const ticket = await filed('closed');
  environment.desk.control.act(ticket.id, 'status', { status: 'closed' });
  for (const _ of [1, 2, 3]) await one.fire('closed', { severity: 'P2' });
  await one.stop();
  one = environment.process();
  await one.fire('closed', { severity: 'P1' });
  await environment.settled();
  expect(tickets('closed')).toHaveLength(1);
  expect(ticket.status).toBe('closed');
});

it('notes for a closed ticket are dropped and audited', async () => {
  const ticket = await filed('note-dropped');
  environment.desk.control.act(ticket.id, 'status', { status: 'closed' });
  await one.fire('note-dropped', { severity: 'P1' });
  await one.resolve('note-dropped');
  await environment.settled();
  expect(environment.notes(ticket.id)).toEqual([]);
  expect(await dropped('note-dropped')).toEqual(
    Array(2).fill({ alert_key: 'monitor:note-dropped', ticket_id: ticket.id, reason: 'ticket is closed' }),
  );
});

it.each(['delete', 'trash'])(
  'after a %s a ticket is not filed again in its episode, and is stored as gone',
  async (action) => {
    const ticket = await filed(action);
    environment.desk.control.act(ticket.id, action);
    await refresh();
    await one.fire(action, { severity: 'P2' });
    await one.fire(action, { severity: 'P1' });
    await environment.settled();
    expect(await environment.audit('console.alerts.ticket_filed')).toContainEqual(
      expect.objectContaining({ payload: expect.objectContaining({ alert_key: `monitor:${action}` }) }),
    );
    const { rows } = await environment.pool.query('select ticket_status from filings where ticket_id = $1', [
      ticket.id,
    ]);
    expect(rows).toEqual([{ ticket_status: 'gone' }]);
    expect(await dropped(action)).toHaveLength(1);
    expect(tickets(action).filter(({ state }) => state === 'published')).toEqual([]);
  },
);

it('a metric counts the tickets that are gone', async () => {
  const registry = new Registry();
  const flags = { list: async () => [] };
  const limits = { pollIntervalSeconds: 30, sharedMs: 0, readMs: WAIT_TIMEOUT_MS };
  addDatabaseGauges(registry, { pool: environment.pool, flags, ...limits });
  const gone = async () =>
    Number(/auto_ticketing_rows\{what="tickets_gone"\} (\d+)/.exec(await registry.metrics())?.[1] ?? 0);
  // Tickets that other tests have deleted count from now on.
  await refresh();
  const before = await gone();
  const ticket = await filed('counted');
  environment.desk.control.act(ticket.id, 'delete');
  await refresh();
  expect(await gone()).toBe(before + 1);
});

it('the next episode of an alert whose ticket is gone gets a new ticket', async () => {
  const ticket = await filed('next-episode');
  environment.desk.control.act(ticket.id, 'delete');
  await one.resolve('next-episode');
  await one.fire('next-episode');
  await environment.settled();
  expect(tickets('next-episode').filter(({ state }) => state === 'published')).toHaveLength(1);
});

it('a resolution adds a note to the ticket and a reply in the thread, and the ticket stays open', async () => {
  const ticket = await filed('resolves');
  const opening = environment.openings().find(({ text }) => text.includes('Trouble with resolves'));
  await one.resolve('resolves');
  await one.resolve('resolves');
  await environment.settled();
  expect(ticket).toMatchObject({ status: 'active', state: 'published' });
  expect(environment.notes(ticket.id)).toEqual([
    expect.stringMatching(/Resolved at .*Trouble with resolves.*stays open/),
  ]);
  const replies = environment.slack.state.messages.filter(({ thread_ts }) => thread_ts === opening?.ts);
  expect(replies.map(({ text }) => text.split('\n')[0])).toEqual(['Resolved: Trouble with resolves']);
});

it('a note is written once although the answer to it was lost', async () => {
  const ticket = await filed('lost-note');
  environment.desk.control.faults.add({ kind: 'half', method: 'POST', path: '/threads', times: 1 });
  await one.resolve('lost-note');
  await environment.settled();
  await environment.hurry('effect:alert:monitor:lost-note:%');
  await environment.settled();
  expect(environment.notes(ticket.id)).toHaveLength(1);
});

it('notes that FreeScout rejected for a while are added in their order later', async () => {
  const ticket = await filed('order');
  environment.desk.control.faults.add({ kind: 'status', status: 429, path: '/threads' });
  await one.fire('order', { severity: 'P1' });
  await one.resolve('order');
  await environment.settled();
  expect(environment.notes(ticket.id)).toEqual([]);
  environment.desk.control.faults.clear();
  await environment.hurry('effect:alert:monitor:order:%');
  await environment.settled();
  expect(environment.notes(ticket.id)).toEqual([expect.stringContaining('P1'), expect.stringContaining('Resolved')]);
});
