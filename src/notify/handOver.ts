import type { DmRequest } from '../../machines/shared/protocol.ts';
import type { Copy, CopyStore } from './copyStore.ts';
import type { ReadNotificationRules } from './notificationRules.ts';
import { copyFor, type Recipient, recipientsOf, withDefault } from './recipients.ts';

/**
 * Hands messages over to their recipients: each gets a copy that is sent, retried and given up by itself, so that one
 * channel that cannot be reached holds up no other. Returns the ids of the messages that are not to be sent as they are.
 */
export type HandOver = (requests: readonly DmRequest[]) => Promise<ReadonlySet<string>>;

/** Messages that only those get who were told of the alert before. */
const REPLIES: readonly string[] = ['ticket', 'continued', 'resolved'];
/** Messages that begin something, or go to somebody else than those before. */
const BY_RULES_ONLY: readonly string[] = ['opened', 'unassigned', 'grouped'];

export function createHandOver(deps: {
  store: CopyStore;
  rules: ReadNotificationRules;
  /** SLACK_DM_USER_ID, which a rule may name as well. */
  defaultUserId: string | null;
  /** Durable once it returns. Handing over a copy again changes nothing. */
  deliver: (copies: readonly DmRequest[]) => Promise<void>;
}): HandOver {
  const { store, deliver, defaultUserId } = deps;

  return async (requests) => {
    if (requests.length === 0) return new Set();
    const rules = withDefault(await deps.rules(), defaultUserId);
    const threads = requests.filter(({ kind }) => !BY_RULES_ONLY.includes(kind)).map(({ thread }) => thread);
    const told = await store.recipientsOfThreads(threads);
    const copies: Copy[] = [];
    for (const request of requests) {
      const before = BY_RULES_ONLY.includes(request.kind) ? [] : (told.get(request.thread) ?? []);
      const wanted = REPLIES.includes(request.kind) ? before : [...before, ...recipientsOf(request, rules)];
      const recipients = [...new Set<Recipient>(wanted)];
      if (recipients.every((to) => to === null)) continue;
      for (const to of recipients) copies.push({ of: request.id, request: copyFor(request, to, rules) });
    }
    if (copies.length === 0) return new Set();
    await deliver(await store.recordCopies(copies));
    const handedOver = new Set(copies.map(({ of }) => of));
    await store.recordHandedOver([...handedOver]);
    return handedOver;
  };
}
