import { Argument, type Command } from 'commander';
import { type CommandContext, CommandError } from '../lib/terminal.ts';

/** The drills by name. Their code is loaded only when one runs. */
const DRILLS = {
  flood:
    'one ticket per alert despite restarts and changing ids; an umbrella ticket for a flood; the flag stops filing',
  missing:
    'wrong key, no mailbox, no Tags module: the reason is shown, messages are sent, tickets follow after the repair',
  recovered: 'the ticket of a recovered surface stays open with a note, and is shown until a person closes it',
  outage: 'FreeScout down, hanging or losing a response: nothing else is affected, nothing is filed late or twice',
  hundred:
    '100 services fail at once and recover: 20 tickets, an umbrella ticket for the others, a console that responds',
  thousand:
    '1000 services fail at once and recover: 20 tickets, an umbrella ticket for the others, a console that responds',
} as const;

type DrillName = keyof typeof DRILLS;

/** The failure modes of the runbook. The other drills need more resources and run only by name. */
const STANDARD: readonly DrillName[] = ['flood', 'missing', 'recovered', 'outage'];

/** `drill`: rehearses the failure modes of the runbook on a sandbox, and reports whether the program handles them. */
export function addDrill(program: Command, { terminal }: CommandContext): void {
  const descriptions = Object.entries(DRILLS).map(([name, text]) => `  ${name.padEnd(9)}  ${text}`);
  program
    .command('drill')
    .summary('rehearse the failure modes of the runbook on a private sandbox')
    .description(
      'Rehearses the failure modes of the runbook with the real program on a private sandbox: a Postgres in a temporary ' +
        'folder, and a FreeScout, a Slack and services on free ports. Uses nothing else. Takes about a minute.',
    )
    .addArgument(
      new Argument('[name]', 'one drill; default: the four failure modes of the runbook').choices(Object.keys(DRILLS)),
    )
    .addHelpText('after', `\nThe drills:\n${descriptions.join('\n')}\n\nExample:\n  auto-ticketing drill outage`)
    .action(async (name: DrillName | undefined) => {
      const chosen = name === undefined ? STANDARD : [name];
      const { runDrills } = await import('../sandbox/drill/runDrills.ts');
      const failed = await runDrills(chosen, terminal);
      if (failed.length > 0) {
        throw new CommandError(`${failed.length} of ${chosen.length} drills failed: ${failed.join(', ')}.`);
      }
    });
}
