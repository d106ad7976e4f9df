import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Refresh } from './refresh.ts';

/**
 * Handles a push from FreeScout and returns whether its signature is valid. A push only shows that a ticket changed: the
 * ticket is read afterwards, so a late, repeated, reordered or replayed push does no harm.
 */
export function createWebhook(deps: { secret: () => string | null; refresh: Refresh; onFailed: () => void }) {
  return (rawBody: Buffer, signature: string | undefined): boolean => {
    if (!isSignedByFreeScout(rawBody, signature, deps.secret())) return false;
    const ticketId = pushedTicketId(rawBody);
    // A failed read is made up for by the next refresh of all tickets.
    if (ticketId !== null) void deps.refresh.one(ticketId).catch(deps.onFailed);
    return true;
  };
}

/**
 * Verifies FreeScout's signature: base64 of HMAC-SHA1 over the unmodified body, with the secret key of its API & Webhooks
 * page. False without a secret or a signature.
 */
export function isSignedByFreeScout(rawBody: Buffer, signature: string | undefined, secret: string | null): boolean {
  if (secret === null || secret === '' || signature === undefined) return false;
  const expected = Buffer.from(createHmac('sha1', secret).update(rawBody).digest('base64'));
  const received = Buffer.from(signature);
  return received.length === expected.length && timingSafeEqual(received, expected);
}

/**
 * The id of the ticket that a push is about; null if it is about something else. Nothing else is read from a push,
 * since it may be outdated.
 */
export function pushedTicketId(rawBody: Buffer): number | null {
  const pushed = parsed(rawBody);
  // Pushes about customers have an id too, but no mailbox.
  if (typeof pushed !== 'object' || pushed === null || !('id' in pushed) || !('mailboxId' in pushed)) return null;
  const id = Number(pushed.id);
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}

function parsed(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    return null;
  }
}
