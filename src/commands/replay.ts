import type { Command } from 'commander';
import { readConfig } from '../config/config.ts';
import { asJson, type CommandContext, CommandError, counted, oneLine } from '../lib/terminal.ts';
import { type ReplayResult, replay } from '../replay/replay.ts';
import type { Difference, ReplayedTicket } from '../replay/tickets.ts';
import { parseSurfacesFile } from '../surfaces/surfacesFile.ts';
import { databaseSettings } from './databaseSettings.ts';
import { readNamedFile } from './readNamedFile.ts';
import { withMigratedDatabase } from './withDatabase.ts';

const MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_MS = 365 * 86_400_000;

interface Options {
  since: string;
  config?: string;
  json?: boolean;
}

/** `replay`: which tickets another configuration would have filed. */
export function addReplay(program: Command, { env, terminal }: CommandContext): void {
  program
    .command('replay')
    .summary('print which tickets another surfaces file would have filed')
    .description(
      'Runs the webhook requests and check results that are stored through the decisions of this release, on virtual time. ' +
        'With --config, compares the tickets of that surfaces file with those of the file in force; without it, the ' +
        'tickets of the file in force with those that were filed. Posts nothing and changes nothing. Alerts of POST ' +
        '/api/alerts are not stored, so they are not replayed.',
    )
    .requiredOption('--since <AGE>', 'how far back, such as 12h or 7d')
    .option('--config <FILE>', 'a surfaces file to try')
    .option('--json', 'as JSON: {"since","until","requests","checks","before","after","notReplayed","differences":[…]}')
    .addHelpText('after', '\nExample:\n  auto-ticketing replay --since 7d --config new.yaml')
    .action(async ({ since, config: path, json = false }: Options) => {
      const candidate =
        path === undefined ? null : parseSurfacesFile((await readNamedFile(path)).toString('utf8'), path);
      const from = new Date(Date.now() - ageOf(since));
      const result = await withMigratedDatabase(databaseSettings(env), terminal, (pool) =>
        replay(pool, { since: from, candidate, settings: settingsFrom(env) }),
      );
      if (json) return terminal.out(asJson(result));
      for (const line of report(result, path ?? null)) terminal.out(line);
    });
}

function ageOf(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (MS[unit ?? ''] ?? Number.NaN);
  if (!(ms <= MAX_MS)) throw new CommandError(`--since cannot be ${oneLine(text)}: write an age such as 12h or 7d.`);
  return ms;
}

function settingsFrom(env: NodeJS.ProcessEnv) {
  const { storm, flap, alertSilentAfterMinutes, reopenWithinMinutes, surfaces } = readConfig(env, { console: false });
  const { pollIntervalSeconds } = surfaces;
  return { storm, flap, silentAfterMinutes: alertSilentAfterMinutes, reopenWithinMinutes, pollIntervalSeconds };
}

function report(result: ReplayResult, path: string | null): string[] {
  const { since, until, requests, checks, before, after, notReplayed, differences } = result;
  const names = path === null ? ['as filed', 'replayed'] : ['file in force', oneLine(path)];
  return [
    `Replayed ${counted(requests, 'request')} and ${counted(checks, 'check')} from ${minute(since)} to ${minute(until)}.`,
    `Tickets: ${before} (${names[0]}), ${after} (${names[1]}).`,
    ...(notReplayed === 0 ? [] : [`${counted(notReplayed, 'ticket')} of sources without stored requests left out.`]),
    ...(differences.length === 0 ? ['No ticket differs.'] : differences.map((each) => sentence(each, names))),
  ];
}

function sentence(difference: Difference, [before = '', after = '']: string[]): string {
  if (difference.kind === 'changed') {
    return `~ ${line(difference.before)} → ${words(difference.after)}`;
  }
  const isBefore = difference.kind === 'only_before';
  return `${isBefore ? '-' : '+'} ${line(difference.ticket)}, only ${isBefore ? before : after}`;
}

const line = (ticket: ReplayedTicket): string => `${minute(new Date(ticket.at))} ${ticket.source}: ${words(ticket)}`;

const words = ({ severity, title, surfaceId, shadow }: ReplayedTicket): string =>
  `${severity ?? 'STORM'}: ${oneLine(title)}${surfaceId === null ? '' : ` (${surfaceId})`}${shadow ? ', in shadow mode' : ''}`;

const minute = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
