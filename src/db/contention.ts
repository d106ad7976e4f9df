import type { PartlyDelivered } from '../actors/messages.ts';
import { sqlStateMeans } from './sqlStates.ts';

/** Another transaction held what this one needed: the wait for a lock or the statement took too long, or a deadlock. */
export const isContention = (error: unknown): boolean => sqlStateMeans(error, 'contention');

/**
 * Some messages were not delivered because another transaction holds their actors. By its shape, because what is below the
 * actors may not import them.
 */
export const isPartlyDelivered = (error: unknown): error is PartlyDelivered =>
  error instanceof Error && 'delivered' in error && 'undelivered' in error;

/** Shorter than usual: the first, common attempt has waited for the lock already. */
const LOCK_ALONE_MS = 500;
/** Time after which the rest of the items is not tried one by one any more. */
const ONE_BY_ONE_MS = 10_000;

/**
 * Does `work` for all items at once. If another transaction is in the way, it is done for each item alone, so that
 * one locked row does not hold up the others. `lockMs` is how long it should then wait for a lock. Returns the items for
 * which it was not done.
 */
export async function togetherOrEach<T>(
  items: readonly T[],
  work: (items: readonly T[], lockMs?: number) => Promise<unknown>,
): Promise<T[]> {
  try {
    if (items.length > 0) await work(items);
    return [];
  } catch (error) {
    if (!isContention(error)) throw error;
    if (items.length === 1) return [...items];
  }
  const left: T[] = [];
  const until = performance.now() + ONE_BY_ONE_MS;
  for (const item of items) {
    try {
      if (performance.now() > until) left.push(item);
      else await work([item], LOCK_ALONE_MS);
    } catch (error) {
      if (!isContention(error)) throw error;
      left.push(item);
    }
  }
  return left;
}
