import { togetherOrEach } from '../db/contention.ts';
import { type Delivered, type Message, PartlyDelivered } from './messages.ts';

/** Shorter than usual: the first, common attempt has waited for the lock already. */
const LOCK_ALONE_MS = 500;

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
  const left = await togetherOrEach(byRecipient(messages), async (groups, alone) => {
    try {
      delivered.push(...(await (alone ? deliver(groups.flat(), LOCK_ALONE_MS) : deliver(messages))));
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
function byRecipient(messages: readonly Message[]): Message[][] {
  const groups = new Map<string, Message[]>();
  for (const message of messages) {
    const group = groups.get(message.to);
    if (group) group.push(message);
    else groups.set(message.to, [message]);
  }
  return [...groups.values()];
}
