import { onJoined, startNextStorm } from './actions.ts';
import { membersNote, updateDroppedAudit } from './notes.ts';
import { umbrellaSetup } from './setup.ts';

/** The ticket exists. Members that join later are listed on it in notes, and each one keeps the storm alive. */
export const standing = umbrellaSetup.createStateConfig({
  type: 'parallel',
  states: {
    lists: {
      initial: 'listed',
      states: {
        listed: { always: { guard: 'hasUnnamedMembers', target: 'gathering' } },
        gathering: {
          after: {
            betweenListings: [
              { guard: 'hasUnnamedMembers', target: 'listing', actions: 'startMembersNote' },
              { target: 'listed' },
            ],
          },
        },
        listing: {
          invoke: {
            id: 'list',
            src: 'keepTicket',
            input: ({ context, event }) => membersNote(context, event),
            onDone: [
              // A person closed or deleted the ticket: members that it does not name get a new one.
              {
                guard: { type: 'isDropped', params: ({ event }) => event.output },
                target: '#umbrella.ticket.filing',
                actions: [
                  {
                    type: 'audit',
                    params: ({ context, event }) =>
                      updateDroppedAudit(membersNote(context, event), event.output, context),
                  },
                  ...startNextStorm,
                ],
              },
              { target: 'listed', actions: 'finishMembersNote' },
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
          // This state takes TICKET_MEMBER, and not the region: a region that is entered again enters its siblings
          // again, too.
          on: { TICKET_MEMBER: { target: 'joining', reenter: true, actions: onJoined } },
          after: {
            calm: [
              { guard: 'hasUnnamedMembers', target: 'joining', reenter: true },
              { target: '#umbrella.ticket.ending', actions: 'startEndNote' },
            ],
          },
        },
      },
    },
  },
});
