import { ticketUpdatesRegion } from '../shared/ticketUpdates.ts';
import { blank, choreAudit, choreDone } from './members.ts';
import { messagesRegion } from './messagesRegion.ts';
import { umbrellaSetup } from './setup.ts';
import { ticketRegion } from './ticketRegion.ts';

/**
 * A source that sends too much: its further alerts are named on one umbrella ticket, and in messages
 * that name many at once. A storm ends when nothing joined for a while; the next one gets its own ticket.
 */
export const umbrellaMachine = umbrellaSetup.createMachine({
  id: 'umbrella',
  type: 'parallel',
  context: ({ input }) => blank(input?.id ?? ''),
  states: {
    ticket: ticketRegion,
    messages: messagesRegion,
    upkeep: ticketUpdatesRegion({ audit: choreAudit, done: choreDone }),
  },
});
