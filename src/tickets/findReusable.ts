import type { FilingRequest } from '../../machines/shared/protocol.ts';
import type { FilingStore } from './filingStore.ts';
import type { CallOptions, HelpDesk, Ticket } from './port.ts';
import { clickTags } from './ticketTags.ts';

/** One call per ticket; beyond these only the search by tags finds a ticket, and it misses one that is not tagged yet. */
const MAX_READS = 5;

/**
 * Finds an open ticket for this surface and status that was filed less than 60 minutes ago. The help desk
 * decides whether a ticket is open; our rows only say which tickets to read. `adopt` if we have no row for the
 * ticket. `earlier` is the newest open ticket of the surface that does not match.
 */
export async function findReusable(
  { store, desk }: { store: FilingStore; desk: HelpDesk },
  request: FilingRequest,
  call: CallOptions,
): Promise<{ reusable: { ticket: Ticket; adopt: boolean } | null; earlier: Ticket | null }> {
  if (request.path !== 'investigate') return { reusable: null, earlier: null };
  const { surfaceId, status } = request;

  const { ticketIds: ours, hourAgo, monthAgo } = await store.recentlyFiled(surfaceId, status);
  for (const id of ours.slice(0, MAX_READS)) {
    const ticket = await desk.get(id, call);
    if (ticket.open) return { reusable: { ticket, adopt: false }, earlier: null };
  }

  const open = await desk.findOpenByTags(clickTags(surfaceId), monthAgo, call);
  const reopened = open.find(({ id }) => ours.includes(id));
  if (reopened) return { reusable: { ticket: reopened, adopt: false }, earlier: null };

  // The database may be newer than the ticket: empty, or restored from a backup.
  for (const ticket of open) {
    if (ticket.createdAt > hourAgo && namesStatus(ticket.subject, status) && !(await store.isOurs(ticket.id))) {
      return { reusable: { ticket, adopt: true }, earlier: null };
    }
  }
  return { reusable: null, earlier: open[0] ?? null };
}

/** Our subjects read `[AT-XXXXXXXXXX] DOWN: name (id)`. The name may contain such a word too, so the first one counts. */
const namesStatus = (subject: string, status: string): boolean => /\b(?:DEGRADED|DOWN)\b/.exec(subject)?.[0] === status;
