import type { Config } from '../../config/config.ts';
import { type Ticket, TicketError, type TicketStatus } from '../port.ts';
import type { FreeScoutApi } from './responses.ts';
import type { Conversation } from './schemas.ts';

/** FreeScout's conversations as tickets of the operations mailbox. */

export interface TicketContext {
  api: FreeScoutApi;
  settings: Config['freescout'];
  operationsMailboxId: number;
  url(id: number): string;
}

export function toTicket({ operationsMailboxId, url }: TicketContext, row: Conversation): Ticket {
  const here = row.state === 'published' && row.mailboxId === operationsMailboxId;
  const status = here ? statusOf(row.status) : 'gone';
  return {
    id: row.id,
    url: url(row.id),
    subject: row.subject ?? '',
    status,
    open: status === 'active' || status === 'pending',
    tags: tagsOf(row),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt ?? row.createdAt,
    assignee: nameOf(row.assignee),
  };
}

/** Modules may add statuses; an unknown status counts as closed. */
function statusOf(status: string): TicketStatus {
  return status === 'active' || status === 'pending' || status === 'spam' ? status : 'closed';
}

function nameOf(person: Conversation['assignee']): string | null {
  if (!person) return null;
  return [person.firstName, person.lastName].filter(Boolean).join(' ') || person.email || null;
}

/** A ticket that was deleted permanently. */
export function goneTicket(id: number, url: string): Ticket {
  const never = new Date(0);
  return {
    id,
    url,
    subject: '',
    status: 'gone',
    open: false,
    tags: null,
    createdAt: never,
    updatedAt: never,
    assignee: null,
  };
}

/** Lower-case names without surrounding space, as FreeScout stores them; null if the answer has no tags. */
export function tagsOf(row: Conversation): string[] | null {
  return row._embedded?.tags?.map(({ name }) => normalTag(name)) ?? null;
}

export function normalTag(name: string): string {
  return name.trim().toLowerCase();
}

export function tagsUnavailable(): TicketError {
  return new TicketError('tags_unavailable', 'FreeScout answered without tags: its Tags module is not active.');
}

/** A time in ISO 8601 with whole seconds, as FreeScout parses it. */
export function seconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
