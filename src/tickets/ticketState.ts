import type { TicketState } from '../model/tickets.ts';

/** A ticket as stored in `filings`, read as a row or as `jsonb`. */
export interface StoredTicket {
  id: number;
  url: string;
  filed_at: string | Date;
  status: string | null;
  assignee: string | null;
  replied_at: string | Date | null;
  checked_at: string | Date | null;
  /** Only for umbrella tickets. */
  shared_with?: number | null;
}

/** The columns of `filings` that make up a {@link StoredTicket}. */
export const TICKET_COLUMNS =
  'ticket_id as id, ticket_url as url, filed_at, ticket_status as status, assignee, replied_at, checked_at';

export function ticketState({
  id,
  url,
  filed_at,
  status,
  assignee,
  replied_at,
  checked_at,
  shared_with = null,
}: StoredTicket): TicketState {
  return {
    id,
    url,
    filed_at: iso(filed_at),
    status,
    assignee,
    last_reply_at: replied_at && iso(replied_at),
    looked_at: checked_at && iso(checked_at),
    shared_with,
  };
}

const iso = (at: string | Date): string => new Date(at).toISOString();
