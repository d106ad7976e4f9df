import { Argument, type Command } from 'commander';
import { type CommandContext, CommandError } from '../lib/terminal.ts';

/** What can be drilled, by name. The drills themselves are loaded only when one runs. */
const DRILLS = {
  flood: 'one ticket an alert, through restarts and under new ids; an umbrella over a flood; the flag stops it all',
  missing: 'wrong key, mailbox gone, Tags module off: said plainly, messages go out, tickets follow after the repair',
  recovered: 'a ticket stays open when its surface recovers, with a note, and is shown until somebody closes it',
  outage: 'FreeScout down, hanging, losing an answer: nothing else suffers, nothing is filed late or twice',
  hundred: '100 services down at once, and back: 20 tickets, one that names the others, and a console that answers',
  thousand: '1000 services down at once, and back: 20 tickets, one that names the others, and a console that answers',
} as const;

type DrillName = keyof typeof DRILLS;

/** The failure modes of the runbook; the others are heavy and run only by name. */
const STANDARD: readonly DrillName[] = ['flood', 'missing', 'recovered', 'outage'];

/** `drill`: acts out the failure modes of the runbook on a sandbox, and reports whether the program behaves. */
export function addDrill(program: Command, { terminal }: CommandContext): void {
  const about = Object.entries(DRILLS).map(([name, text]) => `  ${name.padEnd(9)}  ${text}`);
  program
    .command('drill')
    .summary('act out the failure modes of the runbook on a private sandbox')
    .description(
      'Acts out the failure modes of the runbook with the real program on a private sandbox: a Postgres in a temporary ' +
        'folder, a FreeScout, a Slack and services on free ports. Touches nothing else. Takes about a minute.',
    )
    .addArgument(new Argument('[name]', 'one of them; without it the failure modes').choices(Object.keys(DRILLS)))
    .addHelpText('after', `\nThe drills:\n${about.join('\n')}\n\nExample:\n  auto-ticketing drill outage`)
    .action(async (name: DrillName | undefined) => {
      const chosen = name === undefined ? STANDARD : [name];
      const { runDrills } = await import('../sandbox/drill/runDrills.ts');
      const failed = await runDrills(chosen, terminal);
      if (failed.length > 0) {
        throw new CommandError(`${failed.length} of ${chosen.length} drills failed: ${failed.join(', ')}.`);
      }
    });
}
