import { parseCustomers } from './csv.ts';
import type { CustomerStore } from './store.ts';

/**
 * Imports a CSV file of customers: header `id,email,name`, optionally `freescout_customer_id`. Known ids are replaced,
 * customers that the file does not name stay. Throws CustomerFileError before anything is written.
 */
export async function importCustomers(
  customers: Pick<CustomerStore, 'upsert'>,
  file: Uint8Array,
): Promise<{ added: number; updated: number }> {
  return await customers.upsert(parseCustomers(file));
}
