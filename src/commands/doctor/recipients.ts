import { CommandError, oneLine } from '../../lib/terminal.ts';
import { MessageError } from '../../notify/port.ts';
import type { SlackCall } from '../../notify/slack/client.ts';
import { isPerson, recipientHelp } from '../../notify/slack/recipientHelp.ts';
import { namedRecipients } from '../../surfaces/fileNotify.ts';
import { parseSurfacesFile, SurfacesFileError } from '../../surfaces/surfacesFile.ts';
import { readNamedFile } from '../readNamedFile.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** The recipients that the surfaces file names: whether Slack knows each, and lets the app write to it. Sends nothing. */
export async function checkRecipients(
  file: string | null,
  call: SlackCall,
  explained: (error: unknown) => string,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  // One after the other: Slack limits how often these methods may be called.
  for (const id of await recipientsIn(file)) findings.push(await checkRecipient(id, call, explained));
  return findings;
}

/** A file that cannot be used is a finding of its own. */
async function recipientsIn(file: string | null): Promise<string[]> {
  if (file === null) return [];
  try {
    return namedRecipients(parseSurfacesFile((await readNamedFile(file)).toString('utf8'), file).notifications);
  } catch (error) {
    if (error instanceof SurfacesFileError || error instanceof CommandError) return [];
    throw error;
  }
}

async function checkRecipient(id: string, call: SlackCall, explained: (error: unknown) => string): Promise<Finding> {
  const check = `recipient ${id}`;
  try {
    const trouble = await (isPerson(id) ? openPerson(id, call) : troubleOfChannel(id, call));
    if (trouble !== null) return fail(check, recipientHelp(trouble, id) ?? trouble);
    return ok(check, `The app may write to ${id}. No message was sent.`);
  } catch (error) {
    const code = error instanceof MessageError ? error.code : undefined;
    if (code === 'missing_scope' && !isPerson(id)) return warn(check, UNREADABLE);
    const help = recipientHelp(code, id);
    return fail(check, help === null ? explained(error) : oneLine(`${String((error as Error).message)} ${help}`));
  }
}

const UNREADABLE =
  'The app may not look at channels, so whether it is a member is unknown: give it the scopes channels:read and groups:read.';

async function openPerson(users: string, call: SlackCall): Promise<null> {
  await call('conversations.open', {
    signal: undefined,
    hasEffect: false,
    make: (client) => client.conversations.open({ users }),
    read: ({ channel }) => channel?.id,
  });
  return null;
}

/** The code with which Slack would refuse a message; null if it would not. */
async function troubleOfChannel(channel: string, call: SlackCall): Promise<string | null> {
  const { is_archived, is_member } = await call('conversations.info', {
    signal: undefined,
    hasEffect: false,
    make: (client) => client.conversations.info({ channel }),
    read: (result) => result.channel,
  });
  if (is_archived === true) return 'is_archived';
  return is_member === false ? 'not_in_channel' : null;
}
