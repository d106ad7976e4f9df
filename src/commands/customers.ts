import type { Command } from 'commander';
import { importCustomers } from '../customers/csv.ts';
import { createCustomers } from '../customers/store.ts';
import { type CommandContext, counted } from '../lib/terminal.ts';
import { databaseSettings } from './databaseSettings.ts';
import { readNamedFile } from './readNamedFile.ts';
import { withMigratedDatabase } from './withDatabase.ts';

/** `customers import`: fills the table of the customer pages. */
export function addCustomers(program: Command, { env, terminal }: CommandContext): void {
  program
    .command('customers')
    .description("customers of the console's customer pages")
    .command('import')
    .summary('import customers from a CSV file')
    .description(
      'Imports customers from a CSV file in UTF-8. Customers with a known id are updated, customers that are not in the file stay, ' +
        'and a file with errors changes nothing.',
    )
    .argument('<FILE.csv>', 'with the header id,email,name and optionally freescout_customer_id')
    .addHelpText(
      'after',
      '\nExample:\n  auto-ticketing customers import customers.csv\n\nwhere customers.csv contains\n' +
        '  id,email,name,freescout_customer_id\n  c-1001,ada@example.com,Ada Lovelace,\n  c-1002,alan@example.com,Alan Turing,57',
    )
    .action(async (path: string) => {
      const settings = databaseSettings(env);
      const file = await readNamedFile(path);
      const { added, updated } = await withMigratedDatabase(settings, terminal, (pool) =>
        importCustomers(createCustomers(pool), file),
      );
      terminal.out(`${counted(added, 'customer')} added, ${updated} updated.`);
    });
}
