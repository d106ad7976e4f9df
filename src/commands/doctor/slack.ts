import type { Config } from '../../config/config.ts';
import { SLACK_NEEDS, unsetOf } from '../../config/notConfigured.ts';
import { oneLine } from '../../lib/terminal.ts';
import { createOutgoing, type Outgoing } from '../../net/outgoing.ts';
import { MessageError } from '../../notify/port.ts';
import { createSlackCall } from '../../notify/slack/client.ts';
import { type Finding, fail, ok } from './finding.ts';
import { checkRecipients } from './recipients.ts';
import { connectionRemedy, unsetSentence } from './remedies.ts';

const TIMEOUT_MS = 10_000;
const TOKEN = 'Slack token';
const DM = 'Slack direct message';

/** Checks that Slack accepts the token, and that the app may write to every recipient. Sends nothing. */
export async function checkSlack(
  settings: Config['slack'],
  production: boolean,
  outgoing: Outgoing = createOutgoing(),
  { ignored = [], surfacesFile = null }: { ignored?: Config['ignored']; surfacesFile?: string | null } = {},
): Promise<Finding[]> {
  const { botToken, dmUserId } = settings;
  if (botToken === null && !production) {
    return [ok(TOKEN, 'SLACK_BOT_TOKEN is not set: the program uses a sandbox instead of Slack.')];
  }
  if (botToken === null || dmUserId === null) {
    const says = unsetSentence(unsetOf(SLACK_NEEDS, settings), ignored, 'no direct message can be sent');
    return [fail(botToken === null ? TOKEN : DM, says)];
  }
  if (!botToken.startsWith('xoxb-')) {
    return [
      fail(
        TOKEN,
        'SLACK_BOT_TOKEN is not a bot token: set it to the Bot User OAuth Token of the app, which begins with xoxb-.',
      ),
    ];
  }
  const call = createSlackCall(settings, { log: { warn: () => undefined }, timeoutMs: TIMEOUT_MS, outgoing });
  try {
    const { user, team } = await call('auth.test', {
      signal: undefined,
      hasEffect: false,
      make: (client) => client.auth.test(),
      read: ({ user, team }) => ({ user, team }),
    });
    const accepted = ok(TOKEN, oneLine(`Slack accepts the token of ${user ?? 'a bot'} in ${team ?? 'a workspace'}.`));
    return [accepted, await directMessage(call, dmUserId), ...(await checkRecipients(surfacesFile, call, explained))];
  } catch (error) {
    return [fail(TOKEN, explained(error))];
  }
}

async function directMessage(call: ReturnType<typeof createSlackCall>, userId: string): Promise<Finding> {
  try {
    await call('conversations.open', {
      signal: undefined,
      hasEffect: false,
      make: (client) => client.conversations.open({ users: userId }),
      read: (result) => result.channel?.id,
    });
    return ok(DM, `The conversation with ${userId} can be opened. No message was sent.`);
  } catch (error) {
    return fail(DM, explained(error));
  }
}

const HELP: Record<string, string> = {
  invalid_auth: 'Set SLACK_BOT_TOKEN to the bot token of the app.',
  not_authed: 'Set SLACK_BOT_TOKEN to the bot token of the app.',
  token_revoked: 'The token was revoked: install the app again and set SLACK_BOT_TOKEN.',
  token_expired:
    'The token has expired: turn off token rotation for the app, install it again and set SLACK_BOT_TOKEN.',
  not_allowed_token_type: 'Set SLACK_BOT_TOKEN to the bot token of the app, which begins with xoxb-.',
  account_inactive: 'The app was removed: install it again and set SLACK_BOT_TOKEN.',
  missing_scope: 'Give the app the scopes im:write, im:history and chat:write.',
  user_not_found: 'Set SLACK_DM_USER_ID to a member of this workspace.',
  user_disabled: 'The member is deactivated: set SLACK_DM_USER_ID to another member.',
  user_not_visible: 'The app may not see this member: set SLACK_DM_USER_ID to another member.',
  cannot_dm_bot: 'SLACK_DM_USER_ID is a bot: set it to a person.',
  ratelimited: 'Slack limits the number of requests: try again in a minute.',
  unreadable_answer: 'The answer is not from Slack: check SLACK_API_URL, and what is between this machine and Slack.',
};

/** What to do about an error of Slack. Every code has an answer, so that no finding ends without one. */
export function slackRemedy(code: string): string {
  const known = HELP[code] ?? connectionRemedy(code, 'SLACK_API_URL');
  if (known !== null) return known;
  if (code === 'http_407') return 'The proxy asks for a password: add it to OUTGOING_PROXY.';
  if (/^http_5/.test(code)) return 'Slack has a problem: see https://status.slack.com, and try again later.';
  if (/^http_/.test(code))
    return 'That is not an answer of Slack: check SLACK_API_URL, which is unset for Slack itself.';
  return `Slack explains ${code} at https://docs.slack.dev/reference/methods/auth.test#errors.`;
}

function explained(error: unknown): string {
  if (!(error instanceof MessageError)) return oneLine(String(error));
  return oneLine(`${error.message} ${slackRemedy(error.code ?? 'unreadable_answer')}`);
}
