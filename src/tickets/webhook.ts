import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Refresh } from './refresh.ts';

/**
 * Takes a push and answers whether it was signed. It says only that something changed: what the ticket is now is asked for,
 * after the answer, so a push that comes late, twice, out of order or from a recording does no harm.
 */
export function createWebhook(deps: { secret: string | null; refresh: Refresh; onFailed: () => void }) {
  return (rawBody: Buffer, signature: string | undefined): boolean => {
    if (!isSignedByFreeScout(rawBody, signature, deps.secret)) return false;
    const ticketId = pushedTicketId(rawBody);
    // What fails now is made good by the next comparison of all tickets.
    if (ticketId !== null) void deps.refresh.one(ticketId).catch(deps.onFailed);
    return true;
  };
}

/**
 * Whether FreeScout signed these bytes: base64 of HMAC-SHA1 with the secret key of its API & Webhooks page, over the body
 * as it came, since parsed and written again it would differ. False without a secret or a signature.
 */
export function isSignedByFreeScout(rawBody: Buffer, signature: string | undefined, secret: string | null): boolean {
  if (secret === null || secret === '' || signature === undefined) return false;
  const expected = Buffer.from(createHmac('sha1', secret).update(rawBody).digest('base64'));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * The id of the ticket that a push is about; null where it is about something else. Nothing more is taken from it:
 * a push may come late, twice or out of order, so what the ticket is now has to be asked for.
 */
export function pushedTicketId(rawBody: Buffer): number | null {
  const pushed = parsed(rawBody);
  // A customer has an id too, but no mailbox.
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
