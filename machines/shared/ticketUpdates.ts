import { type HasUpdates, longestWaiting, nextUpdate } from './pendingUpdates.ts';
import type { AuditEntry, TicketUpdate, TicketUpdateResult } from './protocol.ts';

/**
 * The region `upkeep`, shared by all machines that have tickets: it makes the pending updates of the actor's tickets one
 * after the other. A machine that uses it has the guards, delays and actions named here.
 */
export const ticketUpdatesRegion = <Context extends HasUpdates>({
  audit,
}: {
  audit: (context: Context, update: TicketUpdate | undefined, result: TicketUpdateResult) => AuditEntry[];
}) =>
  ({
    initial: 'idle',
    states: {
      idle: {
        description: 'No ticket update is due.',
        always: { guard: 'hasTicketUpdates', target: 'working' },
      },
      working: {
        id: 'ticketUpdate',
        description:
          'Updates are made one after the other. An update of a closed or deleted ticket is dropped and audited. If too ' +
          'many wait, so is the one that has waited longest.',
        invoke: {
          id: 'chore',
          src: 'keepTicket',
          input: ({ context, event }: In<Context>) => nextUpdate(context, event),
          // A note for a ticket that is closed or deleted is dropped, and audited.
          onDone: {
            target: 'idle',
            actions: [
              {
                type: 'audit',
                params: ({ context, event }: Finished<Context>) => audit(context, context.chores[0], event.output),
              },
              { type: 'finishTicketUpdate', params: ({ event }: Finished<Context>) => event.output },
            ],
          },
          // The host stores it as a dead letter. The next update does not wait for it.
          onError: {
            target: 'idle',
            actions: { type: 'finishTicketUpdate', params: { outcome: 'done' } },
          },
        },
        always: {
          guard: 'tooManyTicketUpdates',
          actions: [
            {
              type: 'audit',
              params: ({ context }: In<Context>) =>
                audit(context, longestWaiting(context), { outcome: 'dropped', reason: 'too many updates wait' }),
            },
            'dropTicketUpdate',
          ],
        },
        initial: 'inTime',
        states: {
          inTime: {
            description:
              'An update that failed for a whole turn before gives way at once to an update that was not tried yet.',
            always: { guard: 'freshTicketUpdateWaits', ...giveWay },
            after: { ticketUpdateTurn: 'overdue' },
          },
          overdue: {
            description: 'The update fails, and is retried. As soon as another one waits, it gives way to it.',
            always: { guard: 'otherTicketUpdatesWait', ...giveWay },
          },
        },
      },
    },
  }) as const;

/** The update is asked for again later. */
const giveWay = { target: '#ticketUpdate', reenter: true, actions: 'postponeTicketUpdate' } as const;

interface In<Context> {
  context: Context;
  event: object;
}

interface Finished<Context> {
  context: Context;
  event: { output: TicketUpdateResult };
}

/** The audit actions of dropped updates, written out so that they can be found. */
const DROPPED = {
  alerts: { note: 'console.alerts.note_dropped', tag: 'console.alerts.tag_dropped' },
  status: { note: 'console.status.note_dropped', tag: 'console.status.tag_dropped' },
} as const;

/** Empty when the update was done. `area`: whose ticket it is. `subject` identifies the alert or surface. */
export const droppedAudit = (
  update: TicketUpdate | undefined,
  result: TicketUpdateResult,
  { area, subject, actor }: { area: keyof typeof DROPPED; subject: Record<string, string>; actor: string },
): AuditEntry[] =>
  result.outcome !== 'dropped' || !update
    ? []
    : [
        {
          action: DROPPED[area][update.kind],
          payload: { ...subject, ticket_id: update.ticketId, reason: result.reason },
          actor,
        },
      ];
