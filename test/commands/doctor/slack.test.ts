import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { checkSlack, slackRemedy } from '../../../src/commands/doctor/slack.ts';
import { startSandboxSlack } from '../../../src/sandbox/slack/sandboxSlack.ts';

async function slack() {
  const sandbox = await startSandboxSlack({ token: 'xoxb-right', userId: 'U0OPERATOR' });
  onTestFinished(() => sandbox.stop());
  return { sandbox, settings: { botToken: 'xoxb-right', dmUserId: 'U0OPERATOR', apiUrl: sandbox.apiUrl } };
}

it('a working Slack passes both checks, and no message is sent', async () => {
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
  ['an unknown member', { dmUserId: 'U0NOBODY' }, 'Slack direct message', /user_not_found.*SLACK_DM_USER_ID/],
  ['no token', { botToken: null }, 'Slack token', /SLACK_BOT_TOKEN is not set/],
  ['no member', { dmUserId: null }, 'Slack direct message', /SLACK_DM_USER_ID is not set/],
  ['a port where nothing listens', { apiUrl: 'http://127.0.0.1:1/api/' }, 'Slack token', /ECONNREFUSED.*SLACK_API_URL/],
  ['the token of a person', { botToken: 'xoxp-right' }, 'Slack token', /not a bot token.*xoxb-/],
])('the finding for %s says what to do', async (_, change, check, sentence) => {
  const { settings } = await slack();
  const failed = (await checkSlack({ ...settings, ...change }, true)).filter(({ state }) => state === 'FAIL');
  expect(failed).toEqual([{ check, state: 'FAIL', says: expect.stringMatching(sentence) }]);
});

it('each recipient that the surfaces file names is looked up, and no message is sent', async () => {
  const { sandbox, settings } = await slack();
  const dir = await mkdtemp(join(tmpdir(), 'recipients-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const file = join(dir, 'surfaces.yaml');
  const to = ['C0INCIDENTS', 'U0ONCALL', 'C0FOREIGN', 'C0MISSING', 'U0NOBODY'];
  await writeFile(file, JSON.stringify({ surfaces: [], notify: [{ to }] }));
  const findings = await checkSlack(settings, true, undefined, { surfacesFile: file });
  expect(findings.slice(2).map(({ check, state, says }) => `${state} ${check}: ${says}`)).toEqual([
    expect.stringMatching(/^ok recipient C0INCIDENTS: /),
    expect.stringMatching(/^ok recipient U0ONCALL: /),
    expect.stringMatching(/^FAIL recipient C0FOREIGN: .*invite it with \/invite/),
    expect.stringMatching(/^FAIL recipient C0MISSING: .*channel_not_found.*There is no channel C0MISSING/),
    expect.stringMatching(/^FAIL recipient U0NOBODY: .*user_not_found.*There is no member U0NOBODY/),
  ]);
  expect(sandbox.state.messages).toEqual([]);
});

it('without a configured Slack outside production, the sandbox is reported', async () => {
  const [finding] = await checkSlack({ botToken: null, dmUserId: null, apiUrl: null }, false);
  expect(finding).toMatchObject({ state: 'ok', says: expect.stringContaining('the program uses a sandbox') });
});

it.each([
  ['http_404', /SLACK_API_URL/],
  ['http_407', /OUTGOING_PROXY/],
  ['ENOTFOUND', /DNS_SERVERS/],
  ['EPROTO', /https:\/\//],
  ['CERT_HAS_EXPIRED', /OUTGOING_CA_FILE/],
  ['timeout', /firewall/],
  ['ratelimited', /try again/],
  ['unreadable_answer', /SLACK_API_URL/],
  ['not_allowed_token_type', /xoxb-/],
  ['token_expired', /SLACK_BOT_TOKEN/],
  ['org_login_required', /org_login_required/],
])('the error %s of Slack has a remedy', (code, remedy) => {
  expect(slackRemedy(code)).toMatch(remedy);
});
