import { togetherOrEach } from '../db/contention.ts';
import { groupBy } from '../lib/groupBy.ts';
import { type Delivered, type Message, PartlyDelivered } from './messages.ts';

/**
 * Delivers all messages together. If another transaction holds one of the actors, each actor gets its messages in a
 * transaction of its own, so that the others do not wait for that one.
 */
export async function deliverGroups(
  messages: readonly Message[],
  deliver: (messages: readonly Message[], lockMs?: number) => Promise<Delivered[]>,
): Promise<Delivered[]> {
  const delivered: Delivered[] = [];
  let cause: unknown;
  const left = await togetherOrEach(byRecipient(messages), async (groups, lockMs) => {
    try {
      delivered.push(...(await (lockMs === undefined ? deliver(messages) : deliver(groups.flat(), lockMs))));
    } catch (error) {
      cause = error;
      throw error;
    }
  });
  if (left.length === 0) return delivered;
  if (delivered.length === 0) throw cause;
  throw new PartlyDelivered(delivered, left.flat(), cause);
}

/** The messages of each actor, in their order. */
const byRecipient = (messages: readonly Message[]): Message[][] => [...groupBy(messages, ({ to }) => to).values()];
