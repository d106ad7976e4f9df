import type { JSX } from 'preact';
import type { TicketState } from '../../model/tickets.ts';
import { Tag } from './badges.tsx';
import { TicketRef } from './elements.tsx';
import { RelativeTime } from './time.tsx';
import { useViewer } from './viewerContext.ts';

/** Ticket states are refreshed more often than this; older ones may be out of date. */
const STALE_MS = 150_000;

const STATES: Record<string, { word: string; tone: 'warn' | 'calm' | 'bad' }> = {
  active: { word: 'open', tone: 'warn' },
  pending: { word: 'pending', tone: 'warn' },
  closed: { word: 'closed', tone: 'calm' },
  spam: { word: 'marked as spam', tone: 'bad' },
  gone: { word: 'deleted or moved', tone: 'bad' },
};

const isOpen = ({ status }: Pick<TicketState, 'status'>): boolean => status === 'active' || status === 'pending';

export function TicketStatus({ ticket: { status } }: { ticket: Pick<TicketState, 'status'> }): JSX.Element {
  const known = status === null ? undefined : STATES[status];
  if (!known) return <span class="quiet">{status ?? 'not checked yet'}</span>;
  return <Tag tone={known.tone}>{known.word}</Tag>;
}

/** A ticket at a glance: its number, status, assignee and last reply. */
export function TicketSummary({ ticket }: { ticket: TicketState }): JSX.Element {
  return (
    <>
      <TicketRef ticket={ticket} /> <TicketStatus ticket={ticket} /> <UmbrellaNote ticket={ticket} />
      <TicketActivity ticket={ticket} />
    </>
  );
}

/** The umbrella ticket of an alert storm covers other alerts too. */
function UmbrellaNote({ ticket }: { ticket: TicketState }): JSX.Element | null {
  const shared = sharedWithText(ticket);
  if (ticket.shared_with === null) return null;
  return <span class="quiet">umbrella ticket{shared === null ? null : `, ${shared}`} · </span>;
}

/** `shared with 979 other alerts`; null for a ticket of a single alert. */
export function sharedWithText({ shared_with }: Pick<TicketState, 'shared_with'>): string | null {
  if (shared_with === null || shared_with === 0) return null;
  return `shared with ${shared_with} other ${shared_with === 1 ? 'alert' : 'alerts'}`;
}

/** The assignee of an open ticket, and the last reply. */
export function TicketActivity({ ticket }: { ticket: TicketState }): JSX.Element {
  const { last_reply_at } = ticket;
  return (
    <span class="ticket-facts">
      {isOpen(ticket) ? <Assignee ticket={ticket} /> : null}
      {last_reply_at === null ? (
        <>
          filed <RelativeTime at={ticket.filed_at} />, no reply
        </>
      ) : (
        <>
          last reply <RelativeTime at={last_reply_at} />
        </>
      )}
      <Staleness ticket={ticket} />
    </span>
  );
}

/** When the state of the ticket will be out of date; null if that is not shown, or already is. */
export function staleFrom({ looked_at, status }: TicketState, now: Date): number | null {
  if (looked_at === null || !isOpen({ status })) return null;
  const from = new Date(looked_at).getTime() + STALE_MS;
  return from > now.getTime() ? from : null;
}

function Assignee({ ticket: { assignee } }: { ticket: TicketState }): JSX.Element {
  return <>{assignee === null ? <strong>Unassigned</strong> : `Assigned to ${assignee}`} · </>;
}

/** Shown only if the state is out of date. */
function Staleness({ ticket }: { ticket: TicketState }): JSX.Element | null {
  const { now } = useViewer();
  const { looked_at } = ticket;
  if (looked_at === null || !isOpen(ticket) || now.getTime() - new Date(looked_at).getTime() < STALE_MS) return null;
  return (
    <em class="stale">
      {' '}
      last checked in FreeScout <RelativeTime at={looked_at} />
    </em>
  );
}
