import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { HelpDesk } from '../../src/tickets/port.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { startProcess } from '../support/startProcess.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
afterEach(() => {
  environment.slack.control.faults.clear();
  environment.desk.control.faults.clear();
});
afterAll(() => environment.close());

const POST = '/api/chat\\.postMessage$';
const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const messages = (id: string) =>
  environment.slack.state.messages.filter(({ text }) => text.includes(`Trouble with ${id}`));
/** Lets time pass: no message is in doubt any more, and postponed effects of this alert are due. */
async function until(id: string, rounds = 4): Promise<void> {
  for (let n = 0; n < rounds; n++) {
    await environment.settled();
    await environment.pool.query("update direct_messages set attempted_at = attempted_at - interval '13 s'");
    await environment.hurry(`effect:alert:monitor:${id}:%`);
  }
  await environment.settled();
}
/** Slack answers as to an app that may send but not read. */
const hidden = () =>
  environment.slack.control.faults.add({
    kind: 'rubbish200',
    path: '/api/conversations\\.(history|replies)$',
    body: '{"ok":false,"error":"missing_scope"}',
  });

it('while Slack fails the ticket is filed, and the message follows later', async () => {
  environment.slack.control.faults.add({ kind: 'status', status: 500, path: '/api/' });
  await one.fire('slack-down');
  await environment.settled();
  expect(tickets('slack-down')).toHaveLength(1);
  const audited = await environment.audit('console.alerts.ticket_filed');
  expect(audited.filter(({ payload }) => payload.alert_key === 'monitor:slack-down')).toHaveLength(1);
  expect(messages('slack-down')).toEqual([]);
  environment.slack.control.faults.clear();
  await until('slack-down');
  expect(messages('slack-down')).toHaveLength(1);
  expect(JSON.stringify(messages('slack-down')[0]?.blocks)).toContain(`/conversation/${tickets('slack-down')[0]?.id}`);
  expect(tickets('slack-down')).toHaveLength(1);
});

it('a slow FreeScout does not delay the direct message', async () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow = (desk: HelpDesk): HelpDesk => ({
    ...desk,
    create: (ticket, options) => opened.then(() => desk.create(ticket, options)),
  });
  await one.stop();
  const waiting = startProcess(environment.config, environment.url, environment.lines, slow);
  onTestFinished(async () => {
    await waiting.stop();
    one = environment.process();
  });
  await waiting.fire('desk-slow');
  await eventually(() => expect(messages('desk-slow')).toHaveLength(1));
  expect(tickets('desk-slow')).toEqual([]);
  open();
  await eventually(() => expect(tickets('desk-slow')).toHaveLength(1));
  await environment.settled();
});

it('a message whose answer was lost is found by its metadata and not sent twice', async () => {
  environment.slack.control.faults.add({ kind: 'half', path: POST, times: 1 });
  await one.fire('dm-lost');
  await until('dm-lost');
  expect(messages('dm-lost')).toHaveLength(1);
  const { rows } = await environment.pool.query(
    "select phase, ts from direct_messages where thread like 'alert:monitor:dm-lost:%' and kind = 'opened'",
  );
  expect(rows).toEqual([{ phase: 'sent', ts: messages('dm-lost')[0]?.ts }]);
});

it('a message that never reached Slack is sent later', async () => {
  environment.slack.control.faults.add({ kind: 'reset', path: POST, times: 1 });
  await one.fire('dm-cut');
  await until('dm-cut');
  expect(messages('dm-cut')).toHaveLength(1);
});

it('without read access a lost answer leads to one more message', async () => {
  hidden();
  environment.slack.control.faults.add({ kind: 'half', path: POST, times: 1 });
  await one.fire('dm-hidden');
  await until('dm-hidden');
  expect(messages('dm-hidden')).toHaveLength(2);
});

it('without read access a message is sent at most twice and then becomes a dead letter', async () => {
  hidden();
  environment.slack.control.faults.add({ kind: 'half', path: POST });
  await one.fire('dm-never');
  await until('dm-never', 6);
  expect(messages('dm-never')).toHaveLength(2);
  const { rows } = await environment.pool.query(
    "select status, error->>'message' as message from effects where actor_id = 'alert:monitor:dm-never' and src = 'sendDm' order by created_at limit 1",
  );
  expect(rows).toEqual([{ status: 'dead', message: expect.stringContaining('the app cannot look it up') }]);
  expect(tickets('dm-never')).toHaveLength(1);
});

it('with read access repeatedly lost answers lead to one message', async () => {
  environment.slack.control.faults.add({ kind: 'reset', path: POST, times: 3 });
  environment.slack.control.faults.add({ kind: 'half', path: POST, times: 1 });
  await one.fire('dm-often');
  await until('dm-often', 8);
  expect(messages('dm-often')).toHaveLength(1);
});

it('a reply whose answer was lost is not sent twice', async () => {
  await one.fire('dm-reply');
  await environment.settled();
  environment.slack.control.faults.add({ kind: 'half', path: POST, times: 1 });
  await one.resolve('dm-reply');
  await until('dm-reply');
  expect(messages('dm-reply').map(({ thread_ts }) => thread_ts !== null)).toEqual([false, true]);
});

it('an alert that is announced only when its severity rises has its ticket link and its end in that thread', async () => {
  await one.fire('dm-rises', { severity: 'P3', quiet: true });
  await environment.settled();
  expect(messages('dm-rises')).toEqual([]);
  await one.fire('dm-rises');
  await environment.settled();
  const [first] = messages('dm-rises');
  expect(JSON.stringify(first?.blocks)).toContain(`/conversation/${tickets('dm-rises')[0]?.id}`);
  await one.resolve('dm-rises');
  await environment.settled();
  expect(messages('dm-rises').map(({ thread_ts }) => thread_ts ?? null)).toEqual([null, first?.ts]);
  expect(messages('dm-rises')[1]?.text).toContain('Resolved');
});

it('a restart between two attempts neither loses nor repeats a message', async () => {
  environment.slack.control.faults.add({ kind: 'half', path: POST, times: 1 });
  await one.fire('dm-restart');
  await environment.settled();
  await one.stop();
  one = environment.process();
  await until('dm-restart');
  expect(messages('dm-restart')).toHaveLength(1);
});

it('without Slack settings tickets are filed, and messages are sent once the settings are there', async () => {
  await one.stop();
  const mute = environment.process({ slack: { ...environment.config.slack, botToken: null } });
  await mute.fire('dm-mute');
  await until('dm-mute');
  expect(tickets('dm-mute')).toHaveLength(1);
  expect(messages('dm-mute')).toEqual([]);
  await mute.stop();
  one = environment.process();
  await until('dm-mute');
  expect(messages('dm-mute')).toHaveLength(1);
});
