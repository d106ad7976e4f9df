import type { Pool } from 'pg';
import { rowsFromJson } from '../db/jsonRows.ts';
import { notifyActors } from '../db/notify.ts';
import { coalesce } from '../lib/coalesce.ts';
import type { Log } from '../log/log.ts';
import { eachTicket } from './eachTicket.ts';
import { type CallOptions, type HelpDesk, type Ticket, TicketError } from './port.ts';

/**
 * Updates the stored state of our tickets from the help desk, for display only: wherever a decision depends on it,
 * the help desk itself is asked whether a ticket is open.
 */
export interface Refresh {
  /** Updates all open tickets: one list, and one read for each ticket that is no longer in it. Logs a failing help desk. */
  all(signal?: AbortSignal): Promise<void>;
  /** Updates one ticket. Calls at the same time share at most two reads. Throws TicketError. */
  one(ticketId: number): Promise<void>;
}

const MAX_TICKETS_READ = 50;
/** One call each; the next run continues where this one stops. */
const MAX_REPLIES_READ = 20;

export function createRefresh({ pool, desk, log }: { pool: Pool; desk: HelpDesk; log: Log }): Refresh {
  const reads = new Map<number, { read: () => Promise<void>; waiting: number }>();
  /** Tickets that could not be read last time. They come last, so that they do not use up the reads of a run. */
  const unreadable = new Set<number>();

  return {
    async all(signal) {
      try {
        const options = signal ? { signal } : {};
        const readAt = await databaseNow();
        const open = await desk.listOpen(options);
        await record(open, readAt);
        const { rows } = await pool.query<{ ticket_id: number }>(
          `select ticket_id from filings where ticket_status in ('active', 'pending') and not (ticket_id = any($1))
           group by ticket_id order by ticket_id = any($3), ticket_id limit $2`,
          [open.map(({ id }) => id), MAX_TICKETS_READ, [...unreadable]],
        );
        await readEach(
          rows.map(({ ticket_id }) => Number(ticket_id)),
          (id) => readTicket(id, options),
        );
        await readReplies(open, options);
      } catch (error) {
        // The adapter has logged the failure, and the console shows the age of the stored state.
        if (!(error instanceof TicketError)) throw error;
        log.debug({ err: error }, 'tickets not refreshed');
      }
    },
    async one(ticketId) {
      const known = reads.get(ticketId) ?? { read: coalesce(() => readOne(ticketId)), waiting: 0 };
      reads.set(ticketId, known);
      known.waiting += 1;
      try {
        await known.read();
      } finally {
        known.waiting -= 1;
        if (known.waiting === 0) reads.delete(ticketId);
      }
    },
  };

  function readEach(ids: readonly number[], read: (id: number) => Promise<unknown>): Promise<void> {
    const readOnce = async (id: number) => {
      await read(id);
      unreadable.delete(id);
    };
    return eachTicket(ids, readOnce, (id, error) => {
      unreadable.add(id);
      log.debug({ err: error, ticket_id: id }, 'ticket not refreshed');
    });
  }

  async function readOne(ticketId: number): Promise<void> {
    const { rowCount } = await pool.query('select 1 from filings where ticket_id = $1 limit 1', [ticketId]);
    if ((rowCount ?? 0) === 0) return;
    const ticket = await readTicket(ticketId, {});
    if (ticket.open) await readReply(ticket, {});
  }

  async function readTicket(ticketId: number, options: CallOptions): Promise<Ticket> {
    const readAt = await databaseNow();
    const ticket = await desk.get(ticketId, options);
    await record([ticket], readAt);
    return ticket;
  }

  async function databaseNow(): Promise<Date> {
    const { rows } = await pool.query<{ at: Date }>('select clock_timestamp() as at');
    return rows[0]?.at ?? new Date();
  }

  /** Of two reads, the one that started later counts, in whatever order their answers arrive. */
  async function record(tickets: readonly Ticket[], readAt: Date): Promise<void> {
    if (tickets.length === 0) return;
    const seen = tickets.map(({ id, status, assignee, tags }) => ({ id, status, assignee, tags }));
    const { rows } = await pool.query<{ actor_id: string }>(
      `with seen as (select * from ${rowsFromJson('id bigint, status text, assignee text, tags jsonb')}),
       before as materialized (
         select f.id, f.actor_id, f.ticket_status is distinct from seen.status or f.assignee is distinct from seen.assignee as differs
         from filings f join seen on seen.id = f.ticket_id
       ), done as (
         update filings f set ticket_status = seen.status, assignee = seen.assignee, checked_at = $2,
           ticket_tags = coalesce(nullif(seen.tags, 'null'), f.ticket_tags)
         from seen where f.ticket_id = seen.id and (f.checked_at is null or f.checked_at <= $2) returning f.id
       )
       select distinct actor_id from before join done using (id) where differs`,
      [JSON.stringify(seen), readAt],
    );
    await notifyPages(rows);
  }

  /**
   * Reads the replies of tickets that changed since the last run. The list only shows when a ticket changed, in whole
   * seconds, so a change within the last minute may hide another one and is read again.
   */
  async function readReplies(open: readonly Ticket[], options: CallOptions): Promise<void> {
    const changes = open.map(({ id, updatedAt }) => ({ id, updated_at: updatedAt }));
    const { rows } = await pool.query<{ id: number }>(
      `select x.id from ${rowsFromJson('id bigint, updated_at timestamptz')}
       join filings f on f.ticket_id = x.id
       where f.desk_updated_at is distinct from x.updated_at or x.updated_at > clock_timestamp() - interval '1 minute'
       group by x.id order by x.id = any($3), x.id limit $2`,
      [JSON.stringify(changes), MAX_REPLIES_READ, [...unreadable]],
    );
    const byId = new Map(open.map((ticket) => [ticket.id, ticket]));
    await readEach(
      rows.map(({ id }) => Number(id)),
      async (id) => {
        const ticket = byId.get(id);
        if (ticket) await readReply(ticket, options);
      },
    );
  }

  async function readReply({ id, updatedAt }: Ticket, options: CallOptions): Promise<void> {
    const replied = await desk.lastReply(id, options);
    const { rows } = await pool.query<{ actor_id: string }>(
      `with before as materialized (
         select actor_id, replied_at is distinct from $2 as differs from filings where ticket_id = $1
       ), done as (update filings set replied_at = $2, desk_updated_at = $3 where ticket_id = $1)
       select distinct actor_id from before where differs`,
      [id, replied, updatedAt],
    );
    await notifyPages(rows);
  }

  function notifyPages(rows: readonly { actor_id: string }[]): Promise<void> {
    const actors = rows.map(({ actor_id }) => actor_id);
    return notifyActors(pool, actors);
  }
}
