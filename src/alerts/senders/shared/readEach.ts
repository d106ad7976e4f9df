import { NotUnderstood, type Reading, type SentAlert } from '../sender.ts';

/** Reads the alerts of a request: one that cannot be used is refused, and the others are taken. Pure. */

/** Throws the first NotUnderstood if no item can be used. */
export function readEach<T>(items: readonly T[], read: (item: T, n: number) => SentAlert): Reading {
  const alerts: SentAlert[] = [];
  const refusals: NotUnderstood[] = [];
  for (const [n, item] of items.entries()) {
    try {
      alerts.push(read(item, n));
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      refusals.push(error);
    }
  }
  const [first] = refusals;
  if (first && alerts.length === 0) throw first;
  return refusals.length === 0 ? { alerts } : { alerts, refused: refusals.length };
}
