import { blank, choreAudit, choreDone } from './umbrellaMembers.ts';
import { messagesRegion } from './umbrellaMessagesRegion.ts';
import { umbrellaSetup } from './umbrellaSetup.ts';
import { ticketRegion } from './umbrellaTicketRegion.ts';
import { upkeep } from './upkeep.ts';

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
    upkeep: upkeep({ audit: choreAudit, done: choreDone }),
  },
});
