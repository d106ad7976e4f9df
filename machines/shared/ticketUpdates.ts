import type { AuditEntry, TicketUpdate, TicketUpdateResult } from './protocol.ts';

/** The region in which an actor does its duties towards tickets: one after the other, each until it holds. */
export const ticketUpdatesRegion = <Context extends { chores: TicketUpdate[] }>(rules: {
  audit: (context: Context, result: TicketUpdateResult) => AuditEntry[];
  done: (context: Context, result: TicketUpdateResult) => Partial<Context>;
}) =>
  ({
    initial: 'idle',
    states: {
      idle: { always: { guard: 'choresWait', target: 'working' } },
      working: {
        invoke: {
          id: 'chore',
          src: 'keepTicket',
          input: ({ context }: { context: Context }) => context.chores[0] as TicketUpdate,
          onDone: {
            target: 'idle',
            actions: [
              { type: 'audit', params: ({ context, event }: Answered<Context>) => rules.audit(context, event.output) },
              { type: 'set', params: ({ context, event }: Answered<Context>) => rules.done(context, event.output) },
            ],
          },
          // What cannot be done is kept as a dead letter by the host; the next duty must not wait for it.
          onError: {
            target: 'idle',
            actions: {
              type: 'set',
              params: ({ context }: { context: Context }) => rules.done(context, { outcome: 'done' }),
            },
          },
        },
      },
    },
  }) as const;

interface Answered<Context> {
  context: Context;
  event: { output: TicketUpdateResult };
}
