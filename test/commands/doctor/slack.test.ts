import { expect, it, onTestFinished } from 'vitest';
import { checkSlack } from '../../../src/commands/doctor/slack.ts';
import { startSandboxSlack } from '../../../src/sandbox/slack/sandboxSlack.ts';

async function slack() {
  const sandbox = await startSandboxSlack({ token: 'xoxb-right', userId: 'U0OPERATOR' });
  onTestFinished(() => sandbox.stop());
  return { sandbox, settings: { botToken: 'xoxb-right', dmUserId: 'U0OPERATOR', apiUrl: sandbox.apiUrl } };
}

it('finds nothing wrong, and sends nothing', async () => {
  const { sandbox, settings } = await slack();
  const findings = await checkSlack(settings, true);
  expect(findings.map(({ check, state }) => [check, state])).toEqual([
    ['Slack token', 'ok'],
    ['Slack direct message', 'ok'],
  ]);
  expect(sandbox.state.messages).toEqual([]);
});

it.each([
  ['a wrong token', { botToken: 'xoxb-wrong' }, 'Slack token', /invalid_auth.*Set SLACK_BOT_TOKEN/],
  ['a person who is not there', { dmUserId: 'U0NOBODY' }, 'Slack direct message', /user_not_found.*SLACK_DM_USER_ID/],
  ['no token', { botToken: null }, 'Slack token', /SLACK_BOT_TOKEN is not set/],
  ['no person', { dmUserId: null }, 'Slack direct message', /SLACK_DM_USER_ID is not set/],
  ['a Slack that is away', { apiUrl: 'http://127.0.0.1:1/api/' }, 'Slack token', /failed.*Try again later/],
])('says what to do about %s', async (_, change, check, sentence) => {
  const { settings } = await slack();
  const failed = (await checkSlack({ ...settings, ...change }, true)).filter(({ state }) => state === 'FAIL');
  expect(failed).toEqual([{ check, state: 'FAIL', says: expect.stringMatching(sentence) }]);
});

it('is not asked where a sandbox stands in', async () => {
  const [finding] = await checkSlack({ botToken: null, dmUserId: null, apiUrl: null }, false);
  expect(finding).toMatchObject({ state: 'ok', says: expect.stringContaining('a sandbox stands in') });
});
