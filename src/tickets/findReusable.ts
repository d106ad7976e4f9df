import type { FilingRequest } from '../../machines/shared/protocol.ts';
import { clickTags } from './compose.ts';
import type { FilingStore } from './filingStore.ts';
import type { CallOptions, HelpDesk, Ticket } from './port.ts';

/**
 * Is there an open ticket for this surface and status already, filed less than 60 minutes ago? Asked of the
 * help desk at this moment: what we remember says only where to look, never that a ticket is open.
 */
export async function findReusable(
  { store, desk }: { store: FilingStore; desk: HelpDesk },
  request: FilingRequest,
  call: CallOptions,
): Promise<{ standing: { ticket: Ticket; adopt: boolean } | null; earlier: Ticket | null }> {
  if (request.path !== 'investigate') return { standing: null, earlier: null };
  const { surfaceId, status } = request;

  const ours = await store.recentlyFiled(surfaceId, status);
  for (const id of ours.slice(0, LOOKS)) {
    const ticket = await desk.get(id, call);
    if (ticket.open) return { standing: { ticket, adopt: false }, earlier: null };
  }

  const open = await desk.findOpenByTags(clickTags(surfaceId), await store.minutesAgo(LOOK_BACK_MINUTES), call);
  const reopened = open.find(({ id }) => ours.includes(id));
  if (reopened) return { standing: { ticket: reopened, adopt: false }, earlier: null };

  // Our memory may be younger than the ticket: a new database, or a restored one.
  const hourAgo = await store.minutesAgo(60);
  for (const ticket of open) {
    if (ticket.createdAt > hourAgo && saysStatus(ticket.subject, status) && !(await store.isOurs(ticket.id))) {
      return { standing: { ticket, adopt: true }, earlier: null };
    }
  }
  return { standing: null, earlier: open[0] ?? null };
}

/** A look at each costs a call; beyond these the search by tags has to do, which misses a ticket whose tags are late. */
const LOOKS = 5;
const LOOK_BACK_MINUTES = 30 * 24 * 60;

/** Our subjects read `[AT-XXXXXXXXXX] DOWN: name (id)`; the name may hold such a word too, so the first one counts. */
const saysStatus = (subject: string, status: string): boolean => /\b(?:DEGRADED|DOWN)\b/.exec(subject)?.[0] === status;
