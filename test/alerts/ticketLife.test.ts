import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../src/log/log.ts';
import { createRefresh } from '../../src/tickets/refresh.ts';
import { startEnvironment } from '../support/environment.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
});
afterAll(() => house.close());

const tickets = (id: string) => house.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const dropped = async () => (await house.audit('console.alerts.note_dropped')).map(({ payload }) => payload);

/** An alert with its ticket. */
async function filed(id: string) {
  await one.fire(id, { severity: 'P2' });
  await house.settled();
  const [ticket] = tickets(id);
  if (!ticket) throw new Error(`no ticket was filed for ${id}`);
  return ticket;
}

it('a ticket closed by a person while the alert is active stays the only one of its episode', async () => {
  const ticket = await filed('closed');
  house.desk.control.act(ticket.id, 'status', { status: 'closed' });
  for (const _ of [1, 2, 3]) await one.fire('closed', { severity: 'P2' });
  await one.stop();
  one = house.process();
  await one.fire('closed', { severity: 'P1' });
  await house.settled();
  expect(tickets('closed')).toHaveLength(1);
  expect(ticket.status).toBe('closed');
});

it('a note for a closed ticket is dropped, and that is audited', async () => {
  const ticket = tickets('closed')[0];
  await one.resolve('closed');
  await house.settled();
  expect(house.notes(ticket?.id)).toEqual([]);
  expect(await dropped()).toEqual(
    Array(2).fill({ alert_key: 'monitor:closed', ticket_id: ticket?.id, reason: 'ticket is closed' }),
  );
});

it.each(['delete', 'trash'])(
  'a ticket that somebody had %sd is not filed again in this episode, and is known to be gone',
  async (action) => {
    const ticket = await filed(action);
    house.desk.control.act(ticket.id, action);
    await createRefresh({ pool: house.pool, desk: one.helpDesk, log: createLog({ level: 'silent' }) }).all();
    await one.fire(action, { severity: 'P2' });
    await one.fire(action, { severity: 'P1' });
    await house.settled();
    expect(await house.audit('console.alerts.ticket_filed')).toContainEqual(
      expect.objectContaining({ payload: expect.objectContaining({ alert_key: `monitor:${action}` }) }),
    );
    const { rows } = await house.pool.query('select ticket_status from filings where ticket_id = $1', [ticket.id]);
    expect(rows).toEqual([{ ticket_status: 'gone' }]);
    expect((await dropped()).filter(({ alert_key }) => alert_key === `monitor:${action}`)).toHaveLength(1);
    expect(tickets(action).filter(({ state }) => state === 'published')).toEqual([]);
  },
);

it('tickets that are gone are counted', async () => {
  expect(await one.metrics.registry.metrics()).toContain('auto_ticketing_rows{what="tickets_gone"} 2');
});

it('a new episode after a ticket that is gone gets a ticket again', async () => {
  await one.resolve('delete');
  await one.fire('delete');
  await house.settled();
  expect(tickets('delete').filter(({ state }) => state === 'published')).toHaveLength(1);
});

it('an alert that resolves is a note on its ticket and a reply in its thread, and the ticket stays open', async () => {
  const ticket = await filed('resolves');
  const opening = house.openings().find(({ text }) => text.includes('Trouble with resolves'));
  await one.resolve('resolves');
  await one.resolve('resolves');
  await house.settled();
  expect(ticket).toMatchObject({ status: 'active', state: 'published' });
  expect(house.notes(ticket.id)).toEqual([expect.stringMatching(/Resolved at .*Trouble with resolves.*stays open/)]);
  const replies = house.slack.state.messages.filter(({ thread_ts }) => thread_ts === opening?.ts);
  expect(replies.map(({ text }) => text.split('\n')[0])).toEqual(['Resolved: Trouble with resolves']);
});

it('a note is written once although its answer got lost', async () => {
  const ticket = await filed('lost-note');
  house.desk.control.faults.add({ kind: 'half', method: 'POST', path: '/threads', times: 1 });
  await one.resolve('lost-note');
  await house.settled();
  await house.hurry('effect:alert:monitor:lost-note:%');
  await house.settled();
  expect(house.notes(ticket.id)).toHaveLength(1);
});

it('notes that FreeScout could not take come in their order once it can', async () => {
  const ticket = await filed('order');
  house.desk.control.faults.add({ kind: 'status', status: 429, path: '/threads' });
  await one.fire('order', { severity: 'P1' });
  await one.resolve('order');
  await house.settled();
  expect(house.notes(ticket.id)).toEqual([]);
  house.desk.control.faults.clear();
  await house.hurry('effect:alert:monitor:order:%');
  await house.settled();
  expect(house.notes(ticket.id)).toEqual([expect.stringContaining('P1'), expect.stringContaining('Resolved')]);
});
