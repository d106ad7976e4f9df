import type { JSX } from 'preact';
import type { TicketState } from '../../model/tickets.ts';
import { Tag } from './badges.tsx';
import { TicketRef } from './elements.tsx';
import { Ago } from './time.tsx';
import { useViewer } from './viewerContext.ts';

/** FreeScout is read every half minute; what is older than this may have changed. */
const STALE_MS = 150_000;

const STATES: Record<string, { word: string; tone: 'warn' | 'calm' | 'bad' }> = {
  active: { word: 'open', tone: 'warn' },
  pending: { word: 'pending', tone: 'warn' },
  closed: { word: 'closed', tone: 'calm' },
  spam: { word: 'marked as spam', tone: 'bad' },
  gone: { word: 'deleted or moved away', tone: 'bad' },
};

const isOpen = ({ status }: Pick<TicketState, 'status'>): boolean => status === 'active' || status === 'pending';

export function TicketStatus({ ticket: { status } }: { ticket: Pick<TicketState, 'status'> }): JSX.Element {
  const known = status === null ? undefined : STATES[status];
  if (!known) return <span class="quiet">{status ?? 'not looked at yet'}</span>;
  return <Tag tone={known.tone}>{known.word}</Tag>;
}

/** A ticket at a glance: which, how it stands, who has it, when somebody last said something. */
export function TicketLine({ ticket }: { ticket: TicketState }): JSX.Element {
  return (
    <>
      <TicketRef ticket={ticket} /> <TicketStatus ticket={ticket} /> <Umbrella ticket={ticket} />
      <TicketFacts ticket={ticket} />
    </>
  );
}

/** Said of the umbrella ticket of a storm: it is about this one, and about others. */
function Umbrella({ ticket }: { ticket: TicketState }): JSX.Element | null {
  const shared = sharedWith(ticket);
  if (ticket.shared_with === null) return null;
  return <span class="quiet">umbrella of a storm{shared === null ? null : `, ${shared}`} · </span>;
}

/** `shared with 979 other alerts`; null where it is about one alone. */
export function sharedWith({ shared_with }: Pick<TicketState, 'shared_with'>): string | null {
  if (shared_with === null || shared_with === 0) return null;
  return `shared with ${shared_with} other ${shared_with === 1 ? 'alert' : 'alerts'}`;
}

/** Who has it and the last word, as far as that still matters. */
export function TicketFacts({ ticket }: { ticket: TicketState }): JSX.Element {
  const { assignee, last_reply_at } = ticket;
  return (
    <span class="ticket-facts">
      {isOpen(ticket) ? assignee === null ? <strong>nobody has it</strong> : `${assignee} has it` : null}
      {isOpen(ticket) ? ' · ' : null}
      {last_reply_at === null ? (
        <>
          filed <Ago at={ticket.filed_at} />, no reply
        </>
      ) : (
        <>
          last reply <Ago at={last_reply_at} />
        </>
      )}
      <Staleness ticket={ticket} />
    </span>
  );
}

/** Said only where it is old: otherwise it is as good as now. */
function Staleness({ ticket }: { ticket: TicketState }): JSX.Element | null {
  const { now } = useViewer();
  const { looked_at } = ticket;
  if (looked_at === null || !isOpen(ticket) || now.getTime() - new Date(looked_at).getTime() < STALE_MS) return null;
  return (
    <em class="stale">
      {' '}
      FreeScout last read <Ago at={looked_at} />
    </em>
  );
}
