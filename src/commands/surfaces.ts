import type { Command } from 'commander';
import { readSettings } from '../config/read.ts';
import { type CommandContext, counted } from '../lib/terminal.ts';
import { parseSurfaces } from '../surfaces/surfacesFile.ts';
import { readNamedFile } from './readNamedFile.ts';

/** `surfaces check`: what the program would say of a surfaces file, before it is deployed. */
export function addSurfaces(program: Command, { env, terminal }: CommandContext): void {
  program
    .command('surfaces')
    .description('the surfaces that are watched')
    .command('check')
    .summary('check a surfaces file and print its faults')
    .description('Checks a surfaces file and prints each fault with its line. Asks no surface and changes nothing.')
    .argument('[FILE]', 'a YAML file; without it the one that SURFACES_FILE names')
    .addHelpText('after', '\nExample:\n  auto-ticketing surfaces check surfaces.yaml')
    .action(async (named: string | undefined, _options: object, command: Command) => {
      const path = named ?? readSettings(env).values.surfaces.file;
      if (path === null) return command.error('error: name a file, or set SURFACES_FILE');
      const surfaces = parseSurfaces((await readNamedFile(path)).toString('utf8'), path);
      terminal.out(`${path} is fine: ${counted(surfaces.length, 'surface')}.`);
    });
}
