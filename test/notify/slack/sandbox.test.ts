import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Messenger } from '../../../src/notify/port.ts';
import { type SandboxSlack, startSandboxSlack } from '../../../src/sandbox/slack/sandboxSlack.ts';
import { slackWith } from '../../support/slack.ts';

const message = {
  headline: 'P1: API <prod> is DOWN',
  facts: [{ label: 'Surface', value: 'api-prod' }],
  links: [{ label: 'Ticket', url: 'http://desk.example/conversation/412?a=1&b=2' }],
};

let sandbox: SandboxSlack;
let messenger: Messenger;
let lines: string[];
beforeAll(async () => {
  sandbox = await startSandboxSlack({ token: 'xoxb-sandbox', userId: 'U0OPERATOR' });
  const { apiUrl, token: botToken, userId: dmUserId } = sandbox;
  ({ messenger, lines } = slackWith({ apiUrl, botToken, dmUserId }));
});
afterAll(() => sandbox.stop());

it('messages and replies arrive, are updated, and are found by their markers', async () => {
  const since = new Date();
  const opening = await messenger.send(message, 'DM-1');
  const reply = await messenger.send(message, 'DM-2', { replyTo: opening });
  await messenger.update(opening, { ...message, headline: 'P1: filed' });

  expect(opening.channel).toBe(sandbox.channelId);
  expect(sandbox.state.messages.map(({ ts, thread_ts }) => ({ ts, thread_ts: thread_ts ?? null }))).toEqual([
    { ts: opening.ts, thread_ts: null },
    { ts: reply.ts, thread_ts: opening.ts },
  ]);
  expect(sandbox.state.messages[0]?.text).toContain('P1: filed');
  const between = { since, until: new Date() };
  expect(await messenger.findByMarker('DM-1', between)).toEqual(opening);
  expect(await messenger.findByMarker('DM-2', between, { replyTo: opening })).toEqual(reply);
  expect(await messenger.findByMarker('DM-2', between)).toBeNull();
  expect(await messenger.findByMarker('DM-3', between)).toBeNull();
  expect(lines).toEqual([]);
});
