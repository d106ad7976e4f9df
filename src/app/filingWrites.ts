import type { Adoption, FilingIntent } from '../../machines/shared/protocol.ts';
import type { NamedAction } from '../actors/pendingWrites.ts';
import type { NewIntent } from '../tickets/filingIntents.ts';

/** What the transitions of one transaction write into `filings`, one statement for each list that is not empty. */
export interface FilingWrites {
  withdrawals: string[];
  adoptions: Adoption[];
  intents: NewIntent[];
}

/**
 * Written in the order of its lists, the result is the same as if each action was written by itself:
 *
 * - A subject has one open intent at most, so a filing is withdrawn before the next one for its subject is stored.
 * - A filing that is withdrawn after it was intended has no row yet that could be changed, so it is stored as withdrawn.
 */
export function filingWrites(actions: readonly NamedAction[]): FilingWrites {
  const writes: FilingWrites = { withdrawals: [], adoptions: [], intents: [] };
  const intended = new Map<string, NewIntent>();

  function intend(intent: NewIntent): void {
    writes.intents.push(intent);
    intended.set(intent.filingId, intent);
  }

  function withdraw(filingId: string): void {
    const intent = intended.get(filingId);
    if (intent) intent.isWithdrawn = true;
    else writes.withdrawals.push(filingId);
  }

  for (const { name, actorId, params } of actions) {
    if (name === 'intend') for (const intent of params as FilingIntent[]) intend({ ...intent, actorId });
    else if (name === 'withdraw') (params as string[]).forEach(withdraw);
    else writes.adoptions.push(...(params as Adoption[]));
  }
  return writes;
}
