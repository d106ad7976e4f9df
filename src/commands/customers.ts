import type { Command } from 'commander';
import { importCustomers } from '../customers/csv.ts';
import { createCustomers } from '../customers/store.ts';
import { type CommandContext, counted } from '../lib/terminal.ts';
import { databaseSettings } from './databaseSettings.ts';
import { readNamedFile } from './readNamedFile.ts';
import { withDatabase } from './withDatabase.ts';

/** `customers import`: fills the table that the customers' pages read. */
export function addCustomers(program: Command, { env, terminal }: CommandContext): void {
  program
    .command('customers')
    .description("the customers whose tickets the console's customer pages show")
    .command('import')
    .summary('import customers from a CSV file')
    .description(
      'Imports customers from a CSV file in UTF-8. Known ids are replaced, customers that the file does not name stay, ' +
        'and a faulty file changes nothing.',
    )
    .argument('<FILE.csv>', 'header id,email,name and, if you have it, freescout_customer_id')
    .addHelpText(
      'after',
      '\nExample:\n  auto-ticketing customers import customers.csv\n\nwhere customers.csv holds\n' +
        '  id,email,name,freescout_customer_id\n  c-1001,ada@example.com,Ada Lovelace,\n  c-1002,alan@example.com,Alan Turing,57',
    )
    .action(async (path: string) => {
      const settings = databaseSettings(env);
      const file = await readNamedFile(path);
      const { added, updated } = await withDatabase(settings, terminal, (pool) =>
        importCustomers(createCustomers(pool), file),
      );
      terminal.out(`${counted(added, 'customer')} added, ${updated} updated.`);
    });
}
