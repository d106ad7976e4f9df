import type { FinalState } from '../finalState.ts';
import type { Create, Ledger, LookUp } from '../ledger.ts';

/** Acts after which nobody can find a ticket again by its marker. */
const BLINDING = new Set(['delete', 'strip']);

/**
 * Tickets that no client could know of: the answer to their creation got lost, and before anybody could look, and write
 * down what they saw, a person deleted them for ever or took the marker out of their subject. They are counted apart.
 */
export function undetectableTickets(
  facts: FinalState,
  { ticketEdits, creates, lookUps, unrecordable }: Ledger,
): Set<number> {
  const known = new Set(facts.filings.flatMap(({ ticketId }) => (ticketId === null ? [] : [ticketId])));
  const blinded = new Map<number, number>();
  for (const { ticketId, what, at } of ticketEdits)
    if (BLINDING.has(what) && !blinded.has(ticketId)) blinded.set(ticketId, at);
  const couldTell = ({ answeredAt }: LookUp): boolean =>
    !unrecordable.some(({ from, until }) => answeredAt >= from && answeredAt <= until);
  const isUnseen = ({ ticketId, marker, effectAt }: Create): boolean => {
    const at = blinded.get(ticketId);
    if (at === undefined || known.has(ticketId)) return false;
    return !(lookUps.get(marker) ?? []).some((look) => look.at >= effectAt && look.at < at && couldTell(look));
  };
  return new Set(creates.filter(isUnseen).map(({ ticketId }) => ticketId));
}
