import { createLog } from '../../src/log/log.ts';
import type { Messenger } from '../../src/notify/port.ts';
import type { SlackDeps, SlackSettings } from '../../src/notify/slack/client.ts';
import { createSlack } from '../../src/notify/slack/messenger.ts';

/** A messenger with settings of its own, and the lines it logs. */
export function slackWith(
  settings: Partial<SlackSettings> = {},
  deps: Partial<SlackDeps> = {},
): { messenger: Messenger; lines: string[] } {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
  const usual: SlackSettings = { botToken: 'xoxb-secret', dmUserId: 'U1', apiUrl: null };
  return { messenger: createSlack({ ...usual, ...settings }, { log, ...deps }), lines };
}

export const slack = (): Messenger => slackWith().messenger;

/** Matches any form body and keeps its fields. */
export const fields = (into: Record<string, string>[]) => (body: Record<string, string>) => {
  into.push(body);
  return true;
};
