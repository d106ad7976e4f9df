import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { alertStory } from '../../src/alerts/alertStory.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  await environment.notifications({ escalation: [{ after_minutes: 15, to: ['U0ONCALL'] }] });
  one = environment.process();
});
afterEach(() => environment.desk.control.faults.clear());
afterAll(() => environment.close());

const SOMEBODY_ELSE = 'D0ONCALL';
const texts = (id: string, channel = SOMEBODY_ELSE): string[] =>
  environment.slack.state.messages
    .filter((message) => message.channel === channel && message.text.includes(`Trouble with ${id}`))
    .map(({ text }) => text);
const audited = async (id: string) =>
  (await environment.audit('console.alerts.ticket_unassigned'))
    .map(({ payload }) => payload)
    .filter(({ alert_key }) => alert_key === `monitor:${id}`);
const ticketOf = (id: string) => environment.tickets().find(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const stateOf = async (id: string): Promise<string> =>
  (
    await environment.pool.query("select state->>'escalation' as state from actors where id = $1", [
      `alert:monitor:${id}`,
    ])
  ).rows[0]?.state;

/** The alert has its ticket, and its timer is armed. */
async function fire(id: string): Promise<void> {
  await one.fire(id);
  await eventually(async () => expect(await stateOf(id)).toBe('watching'));
}
/** The time until somebody else is told, or the help desk counts as unreadable, is over. */
const pass = (id: string) => environment.hurry(`timer:alert:monitor:${id}:%`);

it('somebody else is told once of a P1 that nobody is assigned to, and of its end', async () => {
  await fire('alone');
  expect((await alertStory(environment.pool, 'monitor:alone', {}))?.escalates_at).not.toBeNull();
  expect(texts('alone')).toEqual([]);
  await pass('alone');
  await eventually(() => expect(texts('alone')).toHaveLength(1));
  expect(texts('alone')[0]).toContain('Unassigned, P1: Trouble with alone');
  expect(texts('alone')[0]).toContain('nobody, 15 minutes after the ticket');
  const { id: ticket_id } = ticketOf('alone') ?? {};
  expect(await audited('alone')).toMatchObject([
    { ticket_id, assignment: 'unassigned', after_minutes: 15, severity: 'P1' },
  ]);
  await eventually(async () => expect(await stateOf('alone')).toBe('idle'));
  const story = await alertStory(environment.pool, 'monitor:alone', {});
  expect(story?.escalates_at).toBeNull();
  expect(story?.messages).toContainEqual(expect.objectContaining({ kind: 'unassigned', recipient: 'U0ONCALL' }));
  await one.resolve('alone');
  await eventually(() => expect(texts('alone')).toHaveLength(2));
  expect(texts('alone')[1]).toContain('Resolved');
  await eventually(() => expect(texts('alone', 'D0SANDBOX')).toHaveLength(2));
});

it.each([
  ['assigned', { assigneeId: 2 }],
  ['closed', { status: 'closed' as const }],
])('nobody is told of a ticket that was %s meanwhile', async (id, change) => {
  await fire(id);
  Object.assign(ticketOf(id) ?? {}, change);
  await pass(id);
  await eventually(async () => expect(await stateOf(id)).toBe('idle'));
  await environment.settled();
  expect(texts(id)).toEqual([]);
  expect(await audited(id)).toEqual([]);
});

it('nobody is told of an alert that resolved meanwhile', async () => {
  await fire('over');
  await one.resolve('over');
  await pass('over');
  await environment.settled();
  expect(texts('over')).toEqual([]);
});

it('while FreeScout cannot be read it is asked again, and then the message says that nobody knows', async () => {
  await fire('unread');
  environment.desk.control.faults.add({ kind: 'status', status: 500, path: '/api/conversations/\\d+' });
  await pass('unread');
  const attempts = async () =>
    (
      await environment.pool.query(
        "select attempts from effects where src = 'readAssignment' and actor_id like '%:unread'",
      )
    ).rows[0]?.attempts;
  await eventually(async () => expect(await attempts()).toBe(1));
  await eventually(async () => {
    await environment.hurry('effect:alert:monitor:unread:%');
    expect(await attempts()).toBeGreaterThan(1);
  });
  expect(texts('unread')).toEqual([]);
  await pass('unread');
  await eventually(() => expect(texts('unread')).toHaveLength(1));
  expect(texts('unread')[0]).toContain('unknown: FreeScout cannot be read');
  expect(await audited('unread')).toMatchObject([{ assignment: 'unknown' }]);
});

it('a time that began in a process that stopped ends in another, once', async () => {
  await fire('restart');
  await one.stop();
  one = environment.process();
  const two = environment.process();
  await pass('restart');
  await eventually(() => expect(texts('restart')).toHaveLength(1));
  await environment.settled();
  expect(texts('restart')).toHaveLength(1);
  expect(await audited('restart')).toHaveLength(1);
  await two.stop();
});
