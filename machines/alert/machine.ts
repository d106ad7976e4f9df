import { ticketUpdatesRegion } from '../shared/ticketUpdates.ts';
import { blank } from './life.ts';
import { lifeRegion } from './lifeRegion.ts';
import { messagesRegion } from './messagesRegion.ts';
import { alertSetup } from './setup.ts';
import { choreAudit, choreDone } from './ticket.ts';
import { ticketRegion } from './ticketRegion.ts';

/**
 * One alert key. Its life (firing, resolved, flapping) says what an emission means; the ticket, the direct
 * messages and the duties towards the ticket each follow in a region of their own, so that none waits for another.
 */
export const alertMachine = alertSetup.createMachine({
  id: 'alert',
  type: 'parallel',
  context: ({ input }) => blank(input?.id ?? ''),
  states: {
    life: lifeRegion,
    ticket: ticketRegion,
    dm: messagesRegion,
    upkeep: ticketUpdatesRegion({ audit: choreAudit, done: choreDone }),
  },
});
