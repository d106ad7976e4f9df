import { blank } from './alertLife.ts';
import { lifeRegion } from './alertLifeRegion.ts';
import { messagesRegion } from './alertMessagesRegion.ts';
import { alertSetup } from './alertSetup.ts';
import { choreAudit, choreDone } from './alertTicket.ts';
import { ticketRegion } from './alertTicketRegion.ts';
import { upkeep } from './upkeep.ts';

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
    upkeep: upkeep({ audit: choreAudit, done: choreDone }),
  },
});
