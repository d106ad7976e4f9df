import type { TicketUpdateResult } from '../../../machines/shared/protocol.ts';
import type { umbrellaMachine } from '../../../machines/umbrella/machine.ts';
import type { UmbrellaEvent } from '../../../machines/umbrella/types.ts';
import { joined, type Sentences, type Stored } from './sentences.ts';
import { chore, file, GIVEN_UP, settle, sharedTimers, tried } from './shared.ts';

export const umbrellaSentences: Sentences<UmbrellaEvent, typeof umbrellaMachine> = {
  events: {
    TICKET_MEMBER: ({ member }, change) =>
      joined(
        `"${member.title}" joined the alert storm.`,
        change.entered('ticket.filing') ? 'Its umbrella ticket is being filed.' : '',
      ),
    TICKET_WORSE: ({ member }) => `"${member.title}" is more severe now. A note on the umbrella ticket will say so.`,
    TICKET_LEFT: ({ alertKey }) => `${alertKey} resolved before the umbrella ticket named it.`,
    DM_MEMBER: ({ member }) => `"${member.title}" will be named in a grouped message.`,
    TRY: tried,
  },
  results: {
    file,
    settle,
    chore,
    list: {
      done: (result: Stored<TicketUpdateResult>) =>
        result?.outcome === 'dropped'
          ? 'The umbrella ticket is not open any more, so the alerts that it does not name get a new one.'
          : 'A note on the umbrella ticket named further alerts.',
      failed: `A note on the umbrella ticket failed. ${GIVEN_UP}`,
    },
    end: {
      done: () => 'The alert storm is over. A note on its ticket says so.',
      failed: `The last note of the alert storm failed. ${GIVEN_UP}`,
    },
    dm: { done: () => 'A grouped message was sent.', failed: `A grouped message could not be sent. ${GIVEN_UP}` },
  },
  timers: {
    ...sharedTimers,
    gathering: () => 'A grouped message names the alerts that came meanwhile.',
    betweenListings: (change) =>
      change.entered('ticket.standing.lists.listing')
        ? 'A note names the alerts that joined meanwhile.'
        : 'No further alert has to be named.',
    calm: (change) =>
      change.entered('ticket.ending') ? 'Nothing has joined for a while.' : 'Alerts still join the alert storm.',
  },
};
