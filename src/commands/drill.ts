import { Argument, type Command } from 'commander';
import { flood } from './drill/flood.ts';
import { massOutage } from './drill/massOutage.ts';
import { missing } from './drill/missing.ts';
import { outage } from './drill/outage.ts';
import { recovered } from './drill/recovered.ts';
import { runDrills } from './drill/run.ts';
import { type CommandContext, CommandError } from './terminal.ts';

const DRILLS = [flood, missing, recovered, outage];
/** Heavy ones, acted out only by name. */
const BY_NAME = [massOutage('hundred', 100, 2), massOutage('thousand', 1_000, 20)];
const ALL = [...DRILLS, ...BY_NAME];

/** `drill`: acts out the failure modes of the runbook on a sandbox, and says whether the program behaves. */
export function addDrill(program: Command, { terminal }: CommandContext): void {
  program
    .command('drill')
    .summary('act out the failure modes of the runbook on a private sandbox')
    .description(
      'Acts out the failure modes of the runbook with the real program on a private sandbox: a Postgres in a temporary ' +
        'folder, a FreeScout, a Slack and services on free ports. Touches nothing else. Takes about a minute.',
    )
    .addArgument(
      new Argument('[name]', 'one of them; without it the failure modes').choices(ALL.map(({ name }) => name)),
    )
    .addHelpText(
      'after',
      `\nThe drills:\n${ALL.map(({ name, about }) => `  ${name.padEnd(9)}  ${about}`).join('\n')}\n\nExample:\n  auto-ticketing drill outage`,
    )
    .action(async (name: string | undefined) => {
      const chosen = name === undefined ? DRILLS : ALL.filter((drill) => drill.name === name);
      const failed = await runDrills(chosen, terminal);
      if (failed.length > 0) {
        throw new CommandError(`${failed.length} of ${chosen.length} drills failed: ${failed.join(', ')}.`);
      }
    });
}
