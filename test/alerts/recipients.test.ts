import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  await environment.notifications({
    notify: [
      { to: ['C0INCIDENTS', 'U0ONCALL'], severity: ['P1'] },
      { to: ['C0FOREIGN', 'C0MISSING'], severity: ['P1'] },
      { to: ['C0ALERTS', 'U1'], severity: ['P2'] },
    ],
  });
  one = environment.process();
});
afterAll(() => environment.close());

/** Messages about an alert by channel, replies marked. */
const messages = (id: string): string[] =>
  environment.slack.state.messages
    .filter(({ text }) => text.includes(`Trouble with ${id}`))
    .map(({ channel, thread_ts }) => `${channel}${thread_ts === null ? '' : ' reply'}`)
    .toSorted();
const errors = async (id: string): Promise<Record<string, string>> => {
  const { rows } = await environment.pool.query<{ actor_id: string; message: string }>(
    "select actor_id, error->>'message' as message from effects where status = 'dead' and actor_id like $1",
    [`recipient:%:monitor:${id}`],
  );
  return Object.fromEntries(rows.map(({ actor_id, message }) => [actor_id.split(':')[1], message]));
};

it('each channel and person of a severity has its own thread, and one that cannot be reached holds up no other', async () => {
  await one.fire('routed');
  await eventually(() => expect(messages('routed')).toEqual(['C0INCIDENTS', 'D0ONCALL']));
  await eventually(async () =>
    expect(await errors('routed')).toEqual({
      C0FOREIGN: expect.stringContaining('not_in_channel. The app is not in channel C0FOREIGN: invite it'),
      C0MISSING: expect.stringContaining('channel_not_found. There is no channel C0MISSING'),
    }),
  );
  const [ticket] = await eventually(() => {
    const about = environment.tickets().filter(({ subject }) => subject.includes('Trouble with routed'));
    expect(about).toHaveLength(1);
    return about;
  });
  await one.resolve('routed');
  await eventually(() =>
    expect(messages('routed')).toEqual(['C0INCIDENTS', 'C0INCIDENTS reply', 'D0ONCALL', 'D0ONCALL reply']),
  );
  // The alert may end before FreeScout's answer is recorded. The link follows then.
  await eventually(() => {
    const linked = environment.slack.state.messages.filter(
      ({ thread_ts, blocks }) => thread_ts === null && JSON.stringify(blocks).includes(`/conversation/${ticket?.id}`),
    );
    expect(linked.map(({ channel }) => channel).toSorted()).toEqual(['C0INCIDENTS', 'D0ONCALL']);
  });
});

it('the person in SLACK_DM_USER_ID gets what a rule gives them and what no rule fits, once', async () => {
  await one.fire('slow', { severity: 'P2' });
  await one.fire('minor', { severity: 'P3' });
  await eventually(() => expect(messages('slow')).toEqual(['C0ALERTS', 'D0SANDBOX']));
  await eventually(() => expect(messages('minor')).toEqual(['D0SANDBOX']));
});

it('another process goes on where one stopped, and every recipient is told once', async () => {
  const gone = one;
  await gone.fire('handed-on');
  await gone.stop();
  one = environment.process();
  await one.fire('handed-on');
  await eventually(() => expect(messages('handed-on')).toEqual(['C0INCIDENTS', 'D0ONCALL']));
  await environment.settled();
  expect(messages('handed-on')).toEqual(['C0INCIDENTS', 'D0ONCALL']);
});
