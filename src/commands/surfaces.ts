import type { Command } from 'commander';
import { readSettings } from '../config/read.ts';
import { type CommandContext, counted } from '../lib/terminal.ts';
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
      const { surfaces, sources } = parseSurfacesFile((await readNamedFile(path)).toString('utf8'), path);
      const also = sources.length === 0 ? '' : `, ${counted(sources.length, 'source')}`;
      terminal.out(`${path} is valid: ${counted(surfaces.length, 'surface')}${also}.`);
    });
}
