import { assign, setup } from 'xstate';
import { type AuditEntry, instantOf } from './shared/protocol.ts';
import { unprovided } from './shared/unprovided.ts';

/** Whether we ourselves are connected, for the whole fleet: what pollers find out by asking the self-check targets. */

export type ConnectionEvent =
  /** No target has answered any process for a while. */
  | { type: 'LOST'; targets: number }
  /** One answers again, or there are none any more. */
  | { type: 'REACHED' };

export interface ConnectionContext {
  offlineSince: string | null;
  /** How many targets did not answer. */
  targets: number;
}

export const connectionMachine = setup({
  types: { input: {} as { id: string }, context: {} as ConnectionContext, events: {} as ConnectionEvent },
  actions: {
    audit: (_, _entries: AuditEntry[]) => unprovided('audit'),
    set: assign((_, change: Partial<ConnectionContext>) => change),
  },
}).createMachine({
  id: 'connection',
  context: { offlineSince: null, targets: 0 },
  initial: 'online',
  states: {
    online: {
      on: {
        LOST: {
          target: 'offline',
          actions: [
            { type: 'audit', params: ({ event }) => audit('lost', { targets: event.targets }) },
            { type: 'set', params: ({ event }) => ({ offlineSince: instantOf(event), targets: event.targets }) },
          ],
        },
      },
    },
    // Nothing that checks say counts, and no ticket is filed for a surface.
    offline: {
      on: {
        REACHED: {
          target: 'online',
          actions: [
            { type: 'audit', params: ({ context }) => audit('restored', { offline_since: context.offlineSince }) },
            { type: 'set', params: { offlineSince: null, targets: 0 } },
          ],
        },
      },
    },
  },
});

const audit = (what: 'lost' | 'restored', payload: Record<string, unknown>): AuditEntry[] => [
  { action: `console.connection.${what}`, payload, actor: 'status_poller' },
];
