import type { Pool } from 'pg';
import type { Log } from '../log.ts';
import { type HelpDesk, type Ticket, TicketError } from './port.ts';

/**
 * Keeps what the console shows of our tickets close to what the help desk says. For showing only: whether
 * a ticket is open is asked of the help desk itself wherever something depends on it.
 */
export interface Refresh {
  /** Compares all our open tickets; cheap, one list and a look at each that left it. */
  all(signal?: AbortSignal): Promise<void>;
  /** One ticket, told by the help desk to have changed. */
  one(ticketId: number): Promise<void>;
}

const LOOKS_AT_ONCE = 50;

export function createRefresh({ pool, desk, log }: { pool: Pool; desk: HelpDesk; log: Log }): Refresh {
  return {
    async all(signal) {
      try {
        const options = signal ? { signal } : {};
        const open = await desk.listOpen(options);
        await record(open);
        const { rows } = await pool.query<{ ticket_id: number }>(
          `select distinct ticket_id from filings
           where ticket_status in ('active', 'pending') and not (ticket_id = any($1)) order by ticket_id limit $2`,
          [open.map(({ id }) => id), LOOKS_AT_ONCE],
        );
        for (const { ticket_id } of rows) await record([await desk.get(Number(ticket_id), options)]);
      } catch (error) {
        // The adapter has logged it; the console says how old its knowledge is.
        if (!(error instanceof TicketError)) throw error;
        log.debug({ err: error }, 'tickets not compared');
      }
    },
    async one(ticketId) {
      const { rowCount } = await pool.query('select 1 from filings where ticket_id = $1 limit 1', [ticketId]);
      if ((rowCount ?? 0) === 0) return;
      await record([await desk.get(ticketId)]);
    },
  };

  async function record(tickets: Ticket[]): Promise<void> {
    if (tickets.length === 0) return;
    const seen = tickets.map(({ id, status, assignee }) => ({ id, status, assignee }));
    const { rows } = await pool.query<{ surface: string | null }>(
      `update filings f set ticket_status = x.status, assignee = x.assignee, checked_at = clock_timestamp()
       from jsonb_to_recordset($1) as x(id bigint, status text, assignee text)
       where f.ticket_id = x.id
         and (f.ticket_status is distinct from x.status or f.assignee is distinct from x.assignee
              or f.checked_at < clock_timestamp() - interval '20 seconds')
       returning case when f.ticket_status is not null then f.actor_id end as surface`,
      [JSON.stringify(seen)],
    );
    const actors = [...new Set(rows.flatMap(({ surface }) => (surface ? [surface] : [])))].slice(0, 50);
    if (actors.length > 0) await pool.query("select pg_notify('console', $1)", [JSON.stringify({ actors })]);
  }
}
