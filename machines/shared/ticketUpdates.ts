import type { AuditEntry, TicketUpdate, TicketUpdateResult } from './protocol.ts';

/**
 * The region `upkeep`, shared by all machines that have tickets: it makes the pending updates of the actor's tickets one
 * after the other. A machine that uses it has the guard `hasTicketUpdates` and the action `finishTicketUpdate`.
 */
export const ticketUpdatesRegion = <Context extends { chores: TicketUpdate[] }>({
  audit,
}: {
  audit: (context: Context, result: TicketUpdateResult) => AuditEntry[];
}) =>
  ({
    initial: 'idle',
    states: {
      idle: {
        description: 'No ticket update is due.',
        always: { guard: 'hasTicketUpdates', target: 'working' },
      },
      working: {
        description:
          'Updates are done one after the other. One for a ticket that is closed or deleted is dropped, and ' +
          'audited.',
        invoke: {
          id: 'chore',
          src: 'keepTicket',
          input: ({ context }: { context: Context }) => context.chores[0] as TicketUpdate,
          // A note for a ticket that is closed or deleted is dropped, and audited.
          onDone: {
            target: 'idle',
            actions: [
              { type: 'audit', params: ({ context, event }: Finished<Context>) => audit(context, event.output) },
              { type: 'finishTicketUpdate', params: ({ event }: Finished<Context>) => event.output },
            ],
          },
          // The host stores it as a dead letter. The next update does not wait for it.
          onError: {
            target: 'idle',
            actions: { type: 'finishTicketUpdate', params: { outcome: 'done' } },
          },
        },
      },
    },
  }) as const;

interface Finished<Context> {
  context: Context;
  event: { output: TicketUpdateResult };
}

/** Empty when the update was done. `area` is a part of the audit action; `subject` identifies the alert or surface. */
export const droppedAudit = (
  update: TicketUpdate | undefined,
  result: TicketUpdateResult,
  { area, subject, actor }: { area: 'alerts' | 'status'; subject: Record<string, string>; actor: string },
): AuditEntry[] =>
  result.outcome !== 'dropped' || !update
    ? []
    : [
        {
          action: `console.${area}.${update.kind}_dropped`,
          payload: { ...subject, ticket_id: update.ticketId, reason: result.reason },
          actor,
        },
      ];
