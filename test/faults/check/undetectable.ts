import type { FinalState } from '../finalState.ts';
import type { Create, Ledger, LookUp } from '../ledger.ts';

/** Edits after which a ticket can no longer be found by its marker. */
const HIDING = new Set(['delete', 'strip']);

/**
 * Tickets that no client could detect. The response to their creation was lost, and a person deleted them or removed the
 * marker from their subject before a process could find them and record that. They are counted separately.
 */
export function undetectableTickets(
  facts: FinalState,
  { ticketEdits, creates, lookUps, unrecordable }: Ledger,
): Set<number> {
  const known = new Set(facts.filings.flatMap(({ ticketId }) => (ticketId === null ? [] : [ticketId])));
  const hiddenAt = new Map<number, number>();
  for (const { ticketId, what, at } of ticketEdits)
    if (HIDING.has(what) && !hiddenAt.has(ticketId)) hiddenAt.set(ticketId, at);
  const couldRecord = ({ answeredAt }: LookUp): boolean =>
    !unrecordable.some(({ from, until }) => answeredAt >= from && answeredAt <= until);
  const isUndetectable = ({ ticketId, marker, effectAt }: Create): boolean => {
    const at = hiddenAt.get(ticketId);
    if (at === undefined || known.has(ticketId)) return false;
    return !(lookUps.get(marker) ?? []).some(
      (lookUp) => lookUp.at >= effectAt && lookUp.at < at && couldRecord(lookUp),
    );
  };
  return new Set(creates.filter(isUndetectable).map(({ ticketId }) => ticketId));
}
