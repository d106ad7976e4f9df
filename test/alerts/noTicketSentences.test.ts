import { expect, it } from 'vitest';
import { SUPPRESSION_REASONS } from '../../machines/shared/protocol.ts';
import { REASONS } from '../../src/alerts/noTicketSentences.ts';

it('every reason that suppresses a ticket is shown as a sentence', () => {
  expect(SUPPRESSION_REASONS.filter((reason) => !REASONS[reason]?.includes(' '))).toEqual([]);
});
