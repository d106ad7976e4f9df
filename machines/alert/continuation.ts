import { type FiledTicket, instantOf } from '../shared/protocol.ts';
import { noteQueued } from './notifications.ts';
import type { Continuation } from './records.ts';
import type { AlertContext, EmittedEvent } from './types.ts';

/** An episode that begins soon after the last one ended continues its ticket while the help desk shows it as open. Pure. */

type Change = Partial<AlertContext>;

/** The window is left out, or 0, if no episode continues a ticket. A pause as long as the window is outside of it. */
export function beginsSoon({ endedAt }: AlertContext, event: EmittedEvent): boolean {
  const { reopenWithinMs = 0 } = event;
  return (
    reopenWithinMs > 0 && Boolean(endedAt) && Date.parse(instantOf(event)) - Date.parse(endedAt ?? '') < reopenWithinMs
  );
}

/** Read before the new episode opens. An episode that got no ticket itself passes on the one that it would have continued. */
export const continuationOf = ({ continues, episode, ticket, endedAt }: AlertContext): Continuation => ({
  from: continues?.from ?? episode,
  ticket: ticket ?? continues?.ticket ?? null,
  endedAt: endedAt ?? '',
});

/** A ticket of an earlier episode that arrives only now: this episode continues it if it continues that episode, and the latest one. */
export const earlierTicketRecorded = ({ continues }: AlertContext, episode: number, ticket: FiledTicket): Change =>
  continues && episode >= continues.from && ticket.id >= (continues.ticket?.id ?? 0)
    ? { continues: { ...continues, ticket } }
    : {};

/** For the filing, which reads the ticket before it files a new one. */
export const ticketToContinue = ({ continues }: AlertContext): { continues?: FiledTicket } =>
  continues?.ticket ? { continues: continues.ticket } : {};

export function continuedNoted(context: AlertContext): Change {
  const { alertKey, title, severity, since, continues } = context;
  const endedAt = continues?.endedAt ?? '';
  return noteQueued(context, { what: 'continued', alertKey, title, severity, since, endedAt });
}
