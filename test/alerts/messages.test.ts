import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
});
afterEach(() => {
  house.slack.control.faults.clear();
  house.desk.control.faults.clear();
});
afterAll(() => house.close());

const POST = '/api/chat\\.postMessage$';
const tickets = (id: string) => house.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const messages = (id: string) => house.slack.state.messages.filter(({ text }) => text.includes(`Trouble with ${id}`));
/** Lets time pass: Slack is no longer at anything, and what the actor of this alert has postponed is due. */
async function until(id: string, rounds = 4): Promise<void> {
  for (let n = 0; n < rounds; n++) {
    await house.settled();
    await house.pool.query("update direct_messages set attempted_at = attempted_at - interval '13 s'");
    await house.hurry(`effect:alert:monitor:${id}:%`);
  }
  await house.settled();
}
/** Slack as it answers an app that may write and not read. */
const hidden = () =>
  house.slack.control.faults.add({
    kind: 'rubbish200',
    path: '/api/conversations\\.(history|replies)$',
    body: '{"ok":false,"error":"missing_scope"}',
  });

it('while Slack fails the ticket is filed all the same, and the message follows by itself', async () => {
  house.slack.control.faults.add({ kind: 'status', status: 500, path: '/api/' });
  await one.fire('slack-down');
  await house.settled();
  expect(tickets('slack-down')).toHaveLength(1);
  expect(await house.audit('console.alerts.ticket_filed')).toHaveLength(1);
  expect(messages('slack-down')).toEqual([]);
  house.slack.control.faults.clear();
  await until('slack-down');
  expect(messages('slack-down')).toHaveLength(1);
  expect(JSON.stringify(messages('slack-down')[0]?.blocks)).toContain(`/conversation/${tickets('slack-down')[0]?.id}`);
  expect(tickets('slack-down')).toHaveLength(1);
});

it('while FreeScout takes its time the message does not wait for it', async () => {
  house.desk.control.faults.add({ kind: 'delay', delay_ms: 4_000, path: '/api/', times: 1 });
  await one.fire('desk-slow');
  await eventually(() => expect(messages('desk-slow')).toHaveLength(1));
  expect(tickets('desk-slow')).toEqual([]);
  await eventually(() => expect(tickets('desk-slow')).toHaveLength(1));
});

it('a message whose answer got lost is found by its metadata, and not sent twice', async () => {
  house.slack.control.faults.add({ kind: 'half', path: POST, times: 1 });
  await one.fire('dm-lost');
  await until('dm-lost');
  expect(messages('dm-lost')).toHaveLength(1);
  const { rows } = await house.pool.query(
    "select phase, ts from direct_messages where thread like 'alert:monitor:dm-lost:%' and kind = 'opened'",
  );
  expect(rows).toEqual([{ phase: 'sent', ts: messages('dm-lost')[0]?.ts }]);
});

it('a message that never reached Slack is sent once it can be', async () => {
  house.slack.control.faults.add({ kind: 'reset', path: POST, times: 1 });
  await one.fire('dm-cut');
  await until('dm-cut');
  expect(messages('dm-cut')).toHaveLength(1);
});

it('where Slack does not let us look a lost answer costs one message more', async () => {
  hidden();
  house.slack.control.faults.add({ kind: 'half', path: POST, times: 1 });
  await one.fire('dm-hidden');
  await until('dm-hidden');
  expect(messages('dm-hidden')).toHaveLength(2);
});

it('and never a third one, however many answers get lost: a person decides then', async () => {
  hidden();
  house.slack.control.faults.add({ kind: 'half', path: POST });
  await one.fire('dm-never');
  await until('dm-never', 6);
  expect(messages('dm-never')).toHaveLength(2);
  const { rows } = await house.pool.query(
    "select status, error->>'message' as message from effects where actor_id = 'alert:monitor:dm-never' and src = 'sendDm' order by created_at limit 1",
  );
  expect(rows).toEqual([{ status: 'dead', message: expect.stringContaining('does not let us look') }]);
  expect(tickets('dm-never')).toHaveLength(1);
});

it('answers that are lost again and again cost nothing where Slack lets us look', async () => {
  house.slack.control.faults.add({ kind: 'reset', path: POST, times: 3 });
  house.slack.control.faults.add({ kind: 'half', path: POST, times: 1 });
  await one.fire('dm-often');
  await until('dm-often', 8);
  expect(messages('dm-often')).toHaveLength(1);
});

it('a reply in the thread whose answer got lost is not written twice', async () => {
  await one.fire('dm-reply');
  await house.settled();
  house.slack.control.faults.add({ kind: 'half', path: POST, times: 1 });
  await one.resolve('dm-reply');
  await until('dm-reply');
  expect(messages('dm-reply').map(({ thread_ts }) => thread_ts !== null)).toEqual([false, true]);
});

it('a restart between two tries loses no message and sends none twice', async () => {
  house.slack.control.faults.add({ kind: 'half', path: POST, times: 1 });
  await one.fire('dm-restart');
  await house.settled();
  await one.stop();
  one = house.process();
  await until('dm-restart');
  expect(messages('dm-restart')).toHaveLength(1);
});

it('without Slack settings tickets are filed, and the messages of the last day go out once they are set', async () => {
  await one.stop();
  const mute = house.process({ slack: { ...house.config.slack, botToken: null } });
  await mute.fire('dm-mute');
  await until('dm-mute');
  expect(tickets('dm-mute')).toHaveLength(1);
  expect(messages('dm-mute')).toEqual([]);
  await mute.stop();
  one = house.process();
  await until('dm-mute');
  expect(messages('dm-mute')).toHaveLength(1);
});
