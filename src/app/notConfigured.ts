import type { Config } from '../config/config.ts';

type Settings = Pick<Config, 'freescout' | 'slack' | 'ignored'>;

/** What FreeScout and Slack do not do where they are not configured, each with the reason and what to set. */
export function notConfigured({ freescout, slack, ignored }: Settings): { text: string; remedy: string }[] {
  const missingOf = (consequence: string, settings: Record<string, unknown>) => {
    const unset = Object.keys(settings).filter((variable) => !settings[variable]);
    if (unset.length === 0) return [];
    const reasons = ignored.filter(({ variables }) => variables.some((variable) => unset.includes(variable)));
    const missing = unset.filter((variable) => !reasons.some(({ variables }) => variables.includes(variable)));
    const remedy = missing.length === 0 ? '' : `Set ${missing.join(', ')}; `;
    return [{ text: [consequence, ...reasons.map(({ sentence }) => sentence)].join(' '), remedy }];
  };
  return [
    ...missingOf('FreeScout is not configured: no ticket can be filed.', {
      FREESCOUT_BASE_URL: freescout.baseUrl,
      FREESCOUT_API_KEY: freescout.apiKey,
      FREESCOUT_OPERATIONS_MAILBOX_ID: freescout.operationsMailboxId,
    }),
    ...missingOf('Slack is not configured: nobody gets a direct message.', {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_DM_USER_ID: slack.dmUserId,
    }),
  ];
}
