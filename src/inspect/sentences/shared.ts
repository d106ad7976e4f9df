import { BREAKER_OPEN } from '../../../machines/shared/helpdeskMessages.ts';
import type {
  DmResult,
  FilingResult,
  RefusalReason,
  SuppressionReason,
  TicketUpdateResult,
} from '../../../machines/shared/protocol.ts';
import { REASONS } from '../../alerts/noTicketSentences.ts';
import type { Stored } from './sentences.ts';

/** What several machines have in common: filings, ticket updates and messages. */

export const GIVEN_UP = 'It is in the dead letters.';

/** Why there is no ticket for now. */
export const reasonText = (reason: RefusalReason | SuppressionReason | 'rejected'): string =>
  reason === 'withdrawn' ? 'It was not needed any more.' : `${REASONS[reason] ?? reason}.`;

function filingText(result: Stored<FilingResult>): string {
  if (!result) return 'FreeScout was asked for a ticket.';
  switch (result.outcome) {
    case 'filed':
      return result.created
        ? `Ticket #${result.ticket.id} was filed.`
        : `Ticket #${result.ticket.id} is still open, so no new ticket was filed.`;
    case 'refused':
      return `No ticket was filed. ${reasonText(result.reason)}`;
    case 'doubt':
      return 'The answer of FreeScout was lost. The ticket is looked for before it is filed again.';
    case 'failed':
      return result.problem === BREAKER_OPEN
        ? 'No ticket was filed, because FreeScout is failing.'
        : `FreeScout did not file the ticket: ${result.problem.replaceAll('_', ' ')}.`;
  }
}

function foundText(result: Stored<FilingResult>): string {
  return result?.outcome === 'filed'
    ? `Ticket #${result.ticket.id} was found in FreeScout. Only its answer had been lost.`
    : 'The ticket was not found in FreeScout, so it had not been filed.';
}

export const file = { done: filingText, failed: `The ticket could not be filed. ${GIVEN_UP}` };
export const settle = { done: foundText, failed: `The ticket could not be looked for. ${GIVEN_UP}` };

/** A note or the tags of a ticket. */
export const chore = {
  done: (result: Stored<TicketUpdateResult>): string =>
    result?.outcome === 'dropped' ? `A ticket update was dropped: ${result.reason}.` : 'Its ticket was updated.',
  failed: `A ticket update failed. ${GIVEN_UP}`,
};

export const dm = {
  done(result: Stored<DmResult>): string {
    if (result?.outcome === 'grouped') return 'Its source sends many messages: a grouped message names it.';
    return result?.outcome === 'skipped' ? 'A direct message was left out.' : 'A direct message was sent.';
  },
  failed: `A direct message could not be sent. ${GIVEN_UP}`,
};

export const tried = ({ last }: { last?: boolean }): string =>
  last ? 'The filing is tried for the last time.' : 'The filing is tried again.';

export const sharedTimers = {
  reminder: (): string => 'The filing still waits for FreeScout.',
  ticketUpdateTurn: (): string => 'A ticket update takes long, so another one goes first.',
};
