import type { TicketUpdateResult } from '../shared/protocol.ts';
import { onJoined, startNextStorm } from './actions.ts';
import { membersNote, updateDroppedAudit } from './notes.ts';
import { umbrellaSetup } from './setup.ts';
import type { UmbrellaContext } from './types.ts';

const auditMembersNote = {
  type: 'audit',
  params: ({ context, event }: { context: UmbrellaContext; event: { output: TicketUpdateResult } }) =>
    updateDroppedAudit(membersNote(context, event), event.output, context),
} as const;

export const standing = umbrellaSetup.createStateConfig({
  description:
    'The ticket exists, and each member that joins keeps the storm alive. A person closing the ticket ' +
    'changes nothing until a note has to name further members: that note is dropped, and these members ' +
    'get a new ticket. A member that resolves stays on the ticket.',
  type: 'parallel',
  states: {
    lists: {
      initial: 'listed',
      states: {
        listed: {
          description: 'The ticket names every member, with its highest severity.',
          always: { guard: 'hasNews', target: 'gathering' },
        },
        gathering: {
          description: 'Members wait to be named together in one note. The pauses grow with the number of notes.',
          after: {
            betweenListings: [
              { guard: 'hasNews', target: 'listing', actions: 'startMembersNote' },
              { target: 'listed' },
            ],
          },
        },
        listing: {
          description: 'A note that names them is being written.',
          invoke: {
            id: 'list',
            src: 'keepTicket',
            input: ({ context, event }) => membersNote(context, event),
            onDone: [
              // A person closed or deleted the ticket: members that it does not name get a new one.
              {
                guard: { type: 'needsNewTicket', params: ({ event }) => event.output },
                target: '#umbrella.ticket.filing',
                actions: [auditMembersNote, ...startNextStorm],
              },
              { target: 'listed', actions: [auditMembersNote, 'finishMembersNote'] },
            ],
            // The host keeps the note as a dead letter, which a person may replay.
            onError: { target: 'listed', actions: 'finishMembersNote' },
          },
        },
      },
    },
    watch: {
      initial: 'joining',
      states: {
        joining: {
          description: 'The storm is over when nothing has joined for the length of the timer.',
          // This state takes TICKET_MEMBER, and not the region: a region that is entered again enters its siblings
          // again, too.
          on: { TICKET_MEMBER: { target: 'joining', reenter: true, actions: onJoined } },
          after: {
            calm: [
              { guard: 'hasNews', target: 'joining', reenter: true },
              { target: '#umbrella.ticket.ending', actions: 'startEndNote' },
            ],
          },
        },
      },
    },
  },
});
