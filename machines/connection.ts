import { assign, setup } from 'xstate';
import { hostActions } from './shared/host.ts';
import { type AuditEntry, instantOf } from './shared/protocol.ts';

/**
 * Whether this console is connected, for all processes. A poller whose check fails asks the self-check targets, and
 * reports here whether any of them answers.
 */

export type ConnectionEvent =
  /** For a while no target has answered any process. */
  | { type: 'LOST'; targets: number }
  /** A target answers again, or there are no targets any more. */
  | { type: 'REACHED' };

export interface ConnectionContext {
  offlineSince: string | null;
  /** How many targets did not answer. */
  targets: number;
}

const { audit } = hostActions;

const auditOf = (what: 'lost' | 'restored', payload: Record<string, unknown>): AuditEntry[] => [
  { action: `console.connection.${what}`, payload, actor: 'status_poller' },
];

export const connectionMachine = setup({
  types: { input: {} as { id: string }, context: {} as ConnectionContext, events: {} as ConnectionEvent },
  actions: {
    audit,
    recordOffline: assign(({ event }, targets: number) => ({ offlineSince: instantOf(event), targets })),
    recordOnline: assign({ offlineSince: null, targets: 0 }),
  },
}).createMachine({
  id: 'connection',
  context: { offlineSince: null, targets: 0 },
  initial: 'online',
  states: {
    online: {
      description: 'Check results count.',
      on: {
        LOST: {
          target: 'offline',
          actions: [
            { type: 'audit', params: ({ event }) => auditOf('lost', { targets: event.targets }) },
            { type: 'recordOffline', params: ({ event }) => event.targets },
          ],
        },
      },
    },

    offline: {
      description:
        'Check results are ignored, and no ticket is filed for an alert of the poller. Clicks on Investigate and ' +
        'alerts of other senders are still filed.',
      on: {
        REACHED: {
          target: 'online',
          actions: [
            { type: 'audit', params: ({ context }) => auditOf('restored', { offline_since: context.offlineSince }) },
            'recordOnline',
          ],
        },
      },
    },
  },
});
