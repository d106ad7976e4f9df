import { instantOf } from '../shared/protocol.ts';
import { dmQueued, noteQueued } from './notifications.ts';
import type { AlertContext, EmittedEvent } from './types.ts';

/** An episode to which a flapping surface returns: its outages are noted on the ticket, many in one note. Pure. */

type Change = Partial<AlertContext>;

/** The first return has a note and a message. Later ones are noted together, once for each half of the time to stay up. */
export function returned(context: AlertContext, event: EmittedEvent): Change {
  if (!event.flapping) return {};
  const { count = 0, notedAt = null } = context.returns ?? {};
  const counted: AlertContext = { ...context, returns: { count: count + 1, notedAt } };
  const now = instantOf(event);
  if (notedAt !== null && Date.parse(now) - Date.parse(notedAt) < event.flapWindowMs / 2)
    return { returns: counted.returns ?? null };
  const noted = { ...counted, ...returnsNoted(counted, event) };
  const message = notedAt === null ? dmQueued(noted, { kind: 'flapping' }) : {};
  const { returns = null, said, chores } = noted;
  return { returns, said, chores, ...message };
}

/** Nothing if each return was noted. Without a ticket the count is kept for the time when there is one. */
export function returnsNoted(context: AlertContext, event: object): Change {
  const { alertKey, title, flapWindowMs: holdMs, returns, ticket } = context;
  if (!returns || returns.count === 0) return {};
  const at = instantOf(event);
  const about = { what: 'flapping', alertKey, title, times: returns.count, holdMs, at } as const;
  return { returns: { count: ticket ? 0 : returns.count, notedAt: at }, ...noteQueued(context, about) };
}
