import { ticketUpdatesRegion } from '../shared/ticketUpdates.ts';
import { initialContext } from './members.ts';
import { messagesRegion } from './messages.ts';
import { updateDroppedAudit } from './notes.ts';
import { umbrellaSetup } from './setup.ts';
import { ticketRegion } from './ticket.ts';
import type { UmbrellaContext } from './types.ts';

/**
 * A source that sends more alerts than get a ticket of their own. One umbrella ticket names the others, and so do
 * grouped messages. A storm ends when nothing has joined for a while; the next storm gets a ticket of its own.
 */
export const umbrellaMachine = umbrellaSetup.createMachine({
  id: 'umbrella',
  type: 'parallel',
  context: ({ input }) => initialContext(input?.id ?? ''),
  states: {
    ticket: ticketRegion,
    messages: messagesRegion,
    upkeep: ticketUpdatesRegion<UmbrellaContext>({
      audit: (context, update, result) => updateDroppedAudit(update, result, context),
    }),
  },
});
