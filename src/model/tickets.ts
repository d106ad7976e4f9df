/** Tickets as the console shows them. */

export interface TicketLink {
  id: number;
  url: string;
  filed_at: string;
}

/** A ticket of ours as the help desk described it when it was last asked. */
export interface TicketState extends TicketLink {
  /** active, pending, closed, spam or gone; null before the first look. */
  status: string | null;
  /** Who has it; null where nobody does. */
  assignee: string | null;
  /** When somebody last replied or left a note, our own notes aside; null where nobody has. */
  last_reply_at: string | null;
  /** When the help desk was last asked; null before the first look. */
  looked_at: string | null;
  /** How many other alerts are on it, where it is the umbrella ticket of a storm; null for a ticket of its own. */
  shared_with: number | null;
}

export interface FiledTicket extends TicketState {
  path: 'investigate' | 'alert' | 'umbrella';
  subject: string;
  /** When an alert of this surface joined it; null where it was filed for this surface alone. */
  joined_at: string | null;
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
