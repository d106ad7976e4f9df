import type { Pool } from 'pg';
import type { Forgetting } from './deleteInBatches.ts';
import { forgetAlerts } from './forgetAlerts.ts';
import { forgetFilings } from './forgetFilings.ts';
import { forgetGroupedMessages } from './forgetGroupedMessages.ts';

/** Alerts come first, because an umbrella ticket is kept for as long as the alerts that it names. */
const KINDS = [
  ['actors', forgetAlerts],
  ['filings', forgetFilings],
  ['direct_messages', forgetGroupedMessages],
] as const;

/** Deletes what ended so many days ago. A failure with one kind of records does not keep the others. */
export async function forgetRecords(
  pool: Pool,
  { onFailure, ...options }: Forgetting & { onFailure: (table: string, error: unknown) => void },
): Promise<void> {
  for (const [table, forget] of KINDS) {
    await forget(pool, options).catch((error: unknown) => onFailure(table, error));
  }
}
