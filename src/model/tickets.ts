/** Tickets as the console shows them. */

export interface TicketLink {
  id: number;
  url: string;
  filed_at: string;
}

/** A ticket of ours, as it was when it was last read from the help desk. */
export interface TicketState extends TicketLink {
  /** active, pending, closed, spam or gone; null before the first read. */
  status: string | null;
  /** Null if it is unassigned. */
  assignee: string | null;
  /** When a person last replied or added a note, our own notes excluded; null if nobody has. */
  last_reply_at: string | null;
  /** When it was last read from the help desk; null before the first read. */
  looked_at: string | null;
  /** Number of other alerts on it, for an umbrella ticket; null for other tickets. */
  shared_with: number | null;
}

export interface FiledTicket extends TicketState {
  path: 'investigate' | 'alert' | 'umbrella';
  subject: string;
  /** When an alert of this surface joined the umbrella ticket; null for a ticket of its own. */
  joined_at: string | null;
}

/** One page of customers. */
export interface CustomerList {
  customers: { id: string; name: string; email: string }[];
  next_cursor: string | null;
}

export interface CustomerView {
  customer: { id: string; name: string; email: string };
  open: CustomerTicketView[];
  recent: CustomerTicketView[];
  degraded: boolean;
}

export interface CustomerTicketView {
  id: number;
  url: string;
  subject: string;
  status: string;
  created_at: string;
  updated_at: string;
}
