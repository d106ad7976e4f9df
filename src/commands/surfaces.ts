import type { Command } from 'commander';
import { readSettings } from '../config/read.ts';
import { weaknessOf } from '../config/weakSecrets.ts';
import { type CommandContext, counted } from '../lib/terminal.ts';
import { namedRecipients } from '../surfaces/fileNotify.ts';
import { sourcesWithoutToken } from '../surfaces/fileSources.ts';
import { unsetVariables } from '../surfaces/secrets.ts';
import { parseSurfacesFile } from '../surfaces/surfacesFile.ts';
import { readNamedFile } from './readNamedFile.ts';

/** `surfaces check`: validates a surfaces file before it is deployed. */
export function addSurfaces(program: Command, { env, terminal }: CommandContext): void {
  program
    .command('surfaces')
    .description('the surfaces that the console watches')
    .command('check')
    .summary('validate a surfaces file')
    .description('Validates a surfaces file and prints each error with its line. Calls no surface and changes nothing.')
    .argument('[FILE]', 'a YAML file; default: the file in SURFACES_FILE')
    .addHelpText('after', '\nExample:\n  auto-ticketing surfaces check surfaces.yaml')
    .action(async (file: string | undefined, _options: object, command: Command) => {
      const path = file ?? readSettings(env).values.surfaces.file;
      if (path === null) return command.error('error: name a file, or set SURFACES_FILE');
      const text = (await readNamedFile(path)).toString('utf8');
      const { surfaces, sources, notifications } = parseSurfacesFile(text, path);
      const recipients = namedRecipients(notifications);
      for (const surface of surfaces) {
        const unset = unsetVariables(surface, env);
        if (unset.length > 0) terminal.err(unsetSentence(surface.id, unset));
      }
      for (const { id, tokenEnv = '' } of sourcesWithoutToken(sources, env)) {
        terminal.err(
          `warning: source ${id} refers to ${tokenEnv}, not set here: without it in the environment of web, its requests are refused.`,
        );
      }
      for (const { id, tokenEnv = '' } of sources) {
        const weakness = env[tokenEnv] ? weaknessOf(env[tokenEnv]) : null;
        if (weakness === null) continue;
        terminal.err(
          `warning: the token of source ${id} in ${tokenEnv} consists of ${weakness}: production refuses its requests until another one is set.`,
        );
      }
      const also = [
        ...(sources.length === 0 ? [] : [counted(sources.length, 'source')]),
        ...(recipients.length === 0 ? [] : [counted(recipients.length, 'recipient')]),
      ];
      terminal.out(`${path} is valid: ${[counted(surfaces.length, 'surface'), ...also].join(', ')}.`);
    });
}

const unsetSentence = (id: string, names: string[]): string =>
  `warning: surface ${id} refers to ${names.join(', ')}, not set here: without it in the environment of the worker, every check fails.`;
