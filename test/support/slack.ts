import { createLog } from '../../src/log/log.ts';
import type { Messenger } from '../../src/notify/port.ts';
import type { SlackDeps, SlackSettings } from '../../src/notify/slack/client.ts';
import { createSlack } from '../../src/notify/slack/messenger.ts';

/** A Slack messenger with these settings, and its log. */
export function slackWith(
  settings: Partial<SlackSettings> = {},
  deps: Partial<SlackDeps> = {},
): { messenger: Messenger; lines: string[] } {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
  const defaults: SlackSettings = { botToken: 'xoxb-secret', dmUserId: 'U1', apiUrl: null };
  return { messenger: createSlack({ ...defaults, ...settings }, { log, ...deps }), lines };
}

export const slack = (): Messenger => slackWith().messenger;

/** A nock body matcher that accepts any form and stores its fields. */
export const fields = (into: Record<string, string>[]) => (body: Record<string, string>) => {
  into.push(body);
  return true;
};
