/** The settings without which FreeScout and Slack do nothing, and which of them are missing. */

export const FREESCOUT_NEEDS = {
  FREESCOUT_BASE_URL: 'baseUrl',
  FREESCOUT_API_KEY: 'apiKey',
  FREESCOUT_OPERATIONS_MAILBOX_ID: 'operationsMailboxId',
} as const;

export const SLACK_NEEDS = { SLACK_BOT_TOKEN: 'botToken', SLACK_DM_USER_ID: 'dmUserId' } as const;

type Values<Needs extends Record<string, string>> = Record<Needs[keyof Needs], unknown>;

/** The variables among `needs` that count as unset. */
export const unsetOf = <Needs extends Record<string, string>>(needs: Needs, values: Values<Needs>): string[] =>
  Object.entries(needs)
    .filter(([, key]) => values[key as Needs[keyof Needs]] === null)
    .map(([variable]) => variable);

/** Settings that are set and count as unset, with the whole sentence that says why and what to set. */
type Ignored = readonly { variables: readonly string[]; sentence: string }[];

export interface Missing {
  /** Variables that are not set. */
  missing: string[];
  /** Why the others count as unset; whole sentences. */
  reasons: string[];
}

/** Distinguishes the variables that are not set from those that are ignored. */
export function explainUnset(unset: readonly string[], ignored: Ignored): Missing {
  const reasons = ignored.filter(({ variables }) => variables.some((variable) => unset.includes(variable)));
  return {
    missing: unset.filter((variable) => !reasons.some(({ variables }) => variables.includes(variable))),
    reasons: reasons.map(({ sentence }) => sentence),
  };
}

interface Settings {
  freescout: Values<typeof FREESCOUT_NEEDS>;
  slack: Values<typeof SLACK_NEEDS>;
  ignored: Ignored;
}

export interface NotConfigured extends Missing {
  part: 'FreeScout' | 'Slack';
}

/** FreeScout and Slack if they do nothing for lack of a setting. */
export function notConfigured({ freescout, slack, ignored }: Settings): NotConfigured[] {
  const parts = [
    { part: 'FreeScout', unset: unsetOf(FREESCOUT_NEEDS, freescout) },
    { part: 'Slack', unset: unsetOf(SLACK_NEEDS, slack) },
  ] as const;
  return parts
    .filter(({ unset }) => unset.length > 0)
    .map(({ part, unset }) => ({ part, ...explainUnset(unset, ignored) }));
}
