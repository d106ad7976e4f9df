import type { Config } from '../../config/config.ts';
import { oneLine } from '../../lib/terminal.ts';
import { createOutgoing, type Outgoing } from '../../net/outgoing.ts';
import { MessageError } from '../../notify/port.ts';
import { createSlackCall } from '../../notify/slack/client.ts';
import { type Finding, fail, ok } from './finding.ts';

const TIMEOUT_MS = 10_000;
const TOKEN = 'Slack token';
const DM = 'Slack direct message';

/** Checks that Slack accepts the token and that the direct message can be opened. Sends nothing. */
export async function checkSlack(
  settings: Config['slack'],
  production: boolean,
  outgoing: Outgoing = createOutgoing(),
): Promise<Finding[]> {
  const { botToken, dmUserId } = settings;
  if (botToken === null && !production) {
    return [ok(TOKEN, 'SLACK_BOT_TOKEN is not set: the program uses a sandbox instead of Slack.')];
  }
  if (botToken === null || dmUserId === null) {
    const missing = botToken === null ? 'SLACK_BOT_TOKEN' : 'SLACK_DM_USER_ID';
    return [
      fail(
        botToken === null ? TOKEN : DM,
        `${missing} is not set or not valid, so no direct message can be sent: set it.`,
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
    return [accepted, await directMessage(call, dmUserId)];
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
  account_inactive: 'The app was removed: install it again and set SLACK_BOT_TOKEN.',
  missing_scope: 'Give the app the scopes im:write, im:history and chat:write.',
  user_not_found: 'Set SLACK_DM_USER_ID to a member of this workspace.',
  user_disabled: 'The member is deactivated: set SLACK_DM_USER_ID to another member.',
};

function explained(error: unknown): string {
  if (!(error instanceof MessageError)) return oneLine(String(error));
  const help =
    HELP[error.code ?? ''] ??
    (error.retryable ? 'Try again later, and check that Slack can be reached from this machine.' : '');
  return oneLine(`${error.message} ${help}`);
}
