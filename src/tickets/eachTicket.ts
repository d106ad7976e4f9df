import { TicketError } from './port.ts';

/** After so many failures in a row it is the help desk that fails, and not some of its tickets. */
const MOST_IN_A_ROW = 5;

/**
 * Does `work` for one ticket after the other. One that the help desk cannot read or change does not keep the others from
 * their turn: `onFailure` is told, and the next one follows. Throws where the help desk fails.
 */
export async function eachTicket<T>(
  tickets: readonly T[],
  work: (ticket: T) => Promise<unknown>,
  onFailure: (ticket: T, error: TicketError) => void,
): Promise<void> {
  let inARow = 0;
  for (const ticket of tickets) {
    try {
      await work(ticket);
      inARow = 0;
    } catch (error) {
      if (!(error instanceof TicketError)) throw error;
      onFailure(ticket, error);
      inARow += 1;
      if (inARow === MOST_IN_A_ROW) throw error;
    }
  }
}
