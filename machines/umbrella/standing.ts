import { filesAnew, joins } from './answers.ts';
import * as storm from './members.ts';
import { umbrellaSetup } from './setup.ts';

/** The ticket stands. Members that join later are listed on it in batches; each joining keeps the storm alive. */
export const standing = umbrellaSetup.createStateConfig({
  type: 'parallel',
  states: {
    lists: {
      initial: 'listed',
      states: {
        listed: { always: { guard: 'isUnlisted', target: 'gathering' } },
        gathering: {
          after: {
            betweenListings: [
              {
                guard: 'isUnlisted',
                target: 'listing',
                actions: { type: 'set', params: ({ context }) => storm.toList(context) },
              },
              { target: 'listed' },
            ],
          },
        },
        listing: {
          invoke: {
            id: 'list',
            src: 'keepTicket',
            input: ({ context, event }) => storm.listingChore(context, event),
            onDone: [
              // Somebody closed the ticket: whoever is not named on it gets another one.
              {
                guard: { type: 'isDropped', params: ({ event }) => event.output },
                target: '#umbrella.ticket.filing',
                actions: [
                  { type: 'audit', params: ({ context, event }) => storm.noteAudit(context, event.output) },
                  ...filesAnew,
                ],
              },
              {
                target: 'listed',
                actions: { type: 'set', params: ({ context }) => storm.written(context) },
              },
            ],
            // Kept as a dead letter, which a person may send again.
            onError: {
              target: 'listed',
              actions: { type: 'set', params: ({ context }) => storm.written(context) },
            },
          },
        },
      },
    },
    watch: {
      initial: 'joining',
      states: {
        // Taken here and not by the region: re-entering a region re-enters its siblings, too.
        joining: {
          on: {
            TICKET_MEMBER: {
              target: 'joining',
              reenter: true,
              actions: joins,
            },
          },
          after: {
            calm: [
              { guard: 'isUnlisted', target: 'joining', reenter: true },
              {
                target: '#umbrella.ticket.ending',
                actions: { type: 'set', params: ({ context }) => storm.toEnd(context) },
              },
            ],
          },
        },
      },
    },
  },
});
