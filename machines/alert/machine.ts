import { droppedAudit, ticketUpdatesRegion } from '../shared/ticketUpdates.ts';
import { initialContext } from './episode.ts';
import { escalationRegion } from './escalationRegion.ts';
import { lifeRegion } from './life.ts';
import { messagesRegion } from './messages.ts';
import { alertSetup } from './setup.ts';
import { ticketRegion } from './ticket.ts';
import type { AlertContext } from './types.ts';

/**
 * One alert key. The region `life` says what emissions mean. The ticket, the direct messages, the escalation and the
 * ticket updates follow it in regions of their own, so that none of them waits for another.
 */
export const alertMachine = alertSetup.createMachine({
  id: 'alert',
  type: 'parallel',
  context: ({ input }) => initialContext(input?.id ?? ''),
  states: {
    life: lifeRegion,
    ticket: ticketRegion,
    dm: messagesRegion,
    escalation: escalationRegion,
    upkeep: ticketUpdatesRegion<AlertContext>({
      audit: ({ alertKey, source }, update, result) =>
        droppedAudit(update, result, { area: 'alerts', subject: { alert_key: alertKey }, actor: source }),
    }),
  },
});
