import { tagsOf } from '../tickets/compose.ts';
import type { Clock } from './clock.ts';
import type { Desk } from './desk.ts';
import type { Tables } from './tables.ts';

const EVERY_MS = 60_000;

/**
 * What of the reconciler's work no actor does: it tags umbrella tickets that stand untagged because FreeScout failed in
 * between. Everything else is left undone here, so that actors are seen to do by themselves what is theirs.
 */
export function startReconciler({ clock, desk, tables }: { clock: Clock; desk: Desk; tables: Tables }): void {
  clock.in(EVERY_MS, null, round);

  function round(): void {
    clock.in(EVERY_MS, null, round);
    if (!desk.state.up) return;
    for (const filing of tables.filings.values()) {
      const ticket = desk.tickets.find(({ id }) => id === filing.ticketId);
      if (filing.path !== 'umbrella' || filing.phase !== 'created' || ticket?.state !== 'open') continue;
      for (const tag of tagsOf(filing.request)) ticket.tags.add(tag);
      filing.phase = 'tagged';
    }
  }
}
