import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
beforeAll(async () => {
  house = await startEnvironment({ FLAP_MAX_EPISODES: '2', FLAP_WINDOW_MINUTES: '10' });
  one = house.process();
});
afterAll(() => house.close());

const tickets = (id: string) => house.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const said = (id: string) =>
  house.slack.state.messages
    .filter(({ text }) => text.includes(`Trouble with ${id}`))
    .map(({ text }) => text.split('\n')[0]);
const state = async (id: string) =>
  (await house.pool.query("select snapshot->'context' as context from actors where id = $1", [`alert:monitor:${id}`]))
    .rows[0]?.context;

describe('an alert that resolves and fires again', () => {
  it('is a new episode with a new ticket, and a message of its own', async () => {
    await one.fire('again');
    await house.settled();
    await one.resolve('again');
    await house.settled();
    await one.fire('again');
    await house.settled();
    expect(tickets('again')).toHaveLength(2);
    expect(house.openings().filter(({ text }) => text.includes('Trouble with again'))).toHaveLength(2);
    expect(await house.audit('console.alerts.ticket_filed')).toHaveLength(2);
    expect(await state('again')).toMatchObject({ episode: 2, active: true, ticket: { id: tickets('again')[1]?.id } });
  });

  it('before its first ticket was filed gets the ticket of its second episode only', async () => {
    house.desk.control.faults.add({ kind: 'delay', method: 'GET', path: '/api/mailboxes', delay_ms: 2_000, times: 1 });
    const fresh = house.process();
    await one.stop();
    await fresh.fire('quick');
    await fresh.resolve('quick');
    await fresh.fire('quick', { title: 'Trouble with quick, second' });
    await house.settled();
    expect(tickets('quick')).toHaveLength(0);
    expect(house.tickets().filter(({ subject }) => subject.endsWith('Trouble with quick, second'))).toHaveLength(1);
    one = fresh;
  });
});

describe('an alert that flaps', () => {
  it('stays one episode once it began too often, shown as flapping, with no further ticket', async () => {
    for (const _ of [1, 2]) {
      await one.fire('flappy');
      await house.settled();
      await one.resolve('flappy');
      await house.settled();
    }
    const answer = await one.fire('flappy');
    await house.settled();
    expect(answer.alerts[0]).toEqual({ alert_key: 'monitor:flappy', state: 'flapping' });
    expect(tickets('flappy')).toHaveLength(2);
    expect(await state('flappy')).toMatchObject({
      episode: 2,
      flapping: true,
      active: true,
      ticket: { id: tickets('flappy')[1]?.id },
    });
    expect(said('flappy').filter((text) => text?.includes('Flapping'))).toHaveLength(1);
  });

  it('keeps quiet about each further turn', async () => {
    const before = { messages: house.slack.state.messages.length, notes: house.notes(tickets('flappy')[1]?.id).length };
    for (const _ of [1, 2, 3]) {
      await one.resolve('flappy');
      await one.fire('flappy');
    }
    await house.settled();
    expect(tickets('flappy')).toHaveLength(2);
    expect({
      messages: house.slack.state.messages.length,
      notes: house.notes(tickets('flappy')[1]?.id).length,
    }).toEqual(before);
  });

  it('resolves once it has been quiet for a whole window', async () => {
    await one.resolve('flappy');
    expect(await state('flappy')).toMatchObject({ active: true, flapping: true });
    await house.hurry('timer:alert:monitor:flappy:%');
    await eventually(async () => expect(await state('flappy')).toMatchObject({ active: false, flapping: false }));
    await house.settled();
    expect(house.notes(tickets('flappy')[1]?.id).at(-1)).toContain('quiet after flapping');
  });

  it('is a new episode again when its episodes lie further apart', async () => {
    await house.pool.query(
      `update actors set snapshot = jsonb_set(snapshot, '{context,starts}', '["2026-01-01T00:00:00.000Z"]') where id = 'alert:monitor:flappy'`,
    );
    const answer = await one.fire('flappy');
    await house.settled();
    expect(answer.alerts[0]?.state).toBe('firing');
    expect(tickets('flappy')).toHaveLength(3);
  });

  it('is counted through restarts: its episodes, and the quiet that ends it', async () => {
    const restarted = async () => {
      await one.stop();
      one = house.process();
    };
    for (const _ of [1, 2]) {
      await one.fire('restless');
      await one.resolve('restless');
      await house.settled();
      await restarted();
    }
    const answer = await one.fire('restless');
    expect(answer.alerts[0]?.state).toBe('flapping');
    await one.resolve('restless');
    await restarted();
    expect(await state('restless')).toMatchObject({ active: true, flapping: true, episode: 2 });
    await house.hurry('timer:alert:monitor:restless:%');
    await eventually(async () => expect(await state('restless')).toMatchObject({ active: false, flapping: false }));
  });
});
