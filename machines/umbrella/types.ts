import type { Turn } from '../shared/helpdeskMessages.ts';
import type { PendingUpdate } from '../shared/pendingUpdates.ts';
import type { FiledTicket, TicketText, UmbrellaMember } from '../shared/protocol.ts';

/** A storm ends when no alert has joined it for so long. */
export const STORM_CALM_MS = 10 * 60_000;

export interface UmbrellaInput {
  /** Actor id, `umbrella:<source>`. */
  id: string;
}

export type UmbrellaEvent =
  /** An alert joins. `words`: what a person wrote for the umbrella ticket that was rejected. */
  | { type: 'TICKET_MEMBER'; member: UmbrellaMember; words?: TicketText }
  /** A member is more severe now than when it joined. */
  | { type: 'TICKET_WORSE'; member: UmbrellaMember }
  /** A member has resolved. */
  | { type: 'TICKET_LEFT'; alertKey: string }
  /** An alert is to be named in a grouped message. */
  | { type: 'DM_MEMBER'; member: UmbrellaMember }
  /** The turn of this filing to try again. */
  | ({ type: 'TRY' } & Turn);

export interface UmbrellaContext {
  source: string;
  /** Number of the storm. Each storm has a ticket of its own. */
  storm: number;
  /** When the storm began. */
  since: string;
  /** How many times alerts joined this storm, without those that resolved before the ticket named them. */
  count: number;
  /** Members that the ticket does not name yet, in the order in which they joined. */
  members: UmbrellaMember[];
  /** How many of them are named by the ticket or note that is being written. */
  naming: number;
  /** Members that a text names, and that are more severe since; and how many of them the present note names. */
  worse?: UmbrellaMember[];
  worseNaming?: number;
  /** How many notes were written for this storm. */
  notes: number;
  filingId: string | null;
  /** Whether the next attempt tries for all filings that wait for the help desk. */
  probe: boolean;
  /** The filing of this storm whose present try is its last. */
  lastTry?: string | null;
  ticket: FiledTicket | null;
  /** Alerts that no grouped message has named yet. */
  unsaid: UmbrellaMember[];
  /** How many of them are named by the message that is being sent. */
  saying: number;
  /** How many messages were sent; numbers their ids. */
  said: number;
  /** Ticket updates to do, next first. */
  chores: PendingUpdate[];
  /** The subject and body that a person wrote for the ticket of this storm. */
  words?: TicketText | null;
}
