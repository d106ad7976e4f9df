import type { Adoption } from '../../machines/shared/protocol.ts';
import type { Message } from '../../src/actors/messages.ts';
import type { Calls } from './calls.ts';
import type { Clock } from './clock.ts';
import { adopt } from './filingTable.ts';
import type { FreeScout, FreeScoutTicket } from './freescout.ts';
import type { createJobs } from './jobs.ts';
import type { FilingRow, Tables } from './tables.ts';

const EVERY_MS = 5 * 60_000;

/** Gives filings without a ticket those that turned up later, by the rules of `src/reconcile/`, with tables in memory. */
export function startReconciler(deps: {
  clock: Clock;
  tables: Tables;
  calls: Calls;
  jobs: ReturnType<typeof createJobs>;
  freescout: FreeScout;
  deliver: (messages: Message[]) => unknown;
}): void {
  const { clock, tables, calls, jobs, freescout, deliver } = deps;

  /** The filings that may have one, with it. A filing in doubt is left to the effect that settles it. */
  function found(): { filing: FilingRow; ticket: FreeScoutTicket }[] {
    return [...tables.filings.values()].flatMap((filing) => {
      const isOpen = filing.ticketId === null && (filing.phase === 'planned' || filing.phase === 'withdrawn');
      const ticket = freescout.tickets.find(
        ({ subject, state }) => (state === 'open' || state === 'closed') && subject.includes(filing.marker),
      );
      return isOpen && ticket ? [{ filing, ticket }] : [];
    });
  }

  function reconcile(): void {
    for (const { filing, ticket } of found()) {
      const filedAt = new Date(ticket.createdAt).toISOString();
      const url = `https://tickets.example.com/conversation/${ticket.id}`;
      const adoption: Adoption = { filingId: filing.id, ticket: { id: ticket.id, url }, filedAt };
      const event = filing.phase === 'planned' ? null : foundEvent(filing, adoption);
      if (event) deliver([{ to: filing.actorId, event, eventId: `found:${filing.id}` }]);
      else adopt(tables, [adoption]);
    }
  }

  /** The members of an ended storm were told that it has no ticket, so its umbrella adopts none. */
  function foundEvent({ request, subjectKey }: FilingRow, adoption: Adoption): Message['event'] | null {
    if (request.path === 'investigate') {
      const { status, since, by } = request;
      return { type: 'FOUND', ...adoption, status, since, by };
    }
    if (request.path === 'umbrella') return null;
    const episode = Number(subjectKey.slice(subjectKey.lastIndexOf(':') + 1));
    const closedAt = new Date(clock.now()).toISOString();
    return { type: 'FOUND', ...adoption, episode, severity: request.severity, closedAt };
  }

  function next(): void {
    // Without such a ticket the job would change nothing.
    if (freescout.state.up && found().length > 0) jobs.add((worker) => calls.write(worker, reconcile), 0);
    clock.in(EVERY_MS, null, next);
  }
  clock.in(EVERY_MS, null, next);
}
