import { expect, test } from 'vitest';
import type { FinalState } from '../finalState.ts';
import type { Ledger } from '../ledger.ts';
import { KEY, violationsAfter } from './violationsAfter.ts';

const twin = {
  ticketId: 9,
  marker: 'AT-AAAAAAAAAA',
  subject: '[AT-AAAAAAAAAA] P1: Fault 1/1',
  receivedAt: 2_500,
  effectAt: 2_510,
};

test('a second ticket for an episode is a duplicate and unknown', () => {
  expect(violationsAfter((_, ledger) => ledger.creates.push(twin))).toEqual(['unknown_ticket', 'duplicate_ticket']);
});

test('a deleted ticket is a violation only if a process could have found and recorded it before', () => {
  const deleted = (at: number) => ({ ticketId: 9, what: 'delete', at, tag: null }) as const;
  expect(
    violationsAfter((_, ledger) => {
      ledger.creates.push(twin);
      ledger.ticketEdits.push(deleted(3_000));
    }),
  ).toEqual([]);
  expect(
    violationsAfter((_, ledger) => {
      ledger.creates.push(twin);
      ledger.lookUps.set(twin.marker, [{ at: 2_600, answeredAt: 2_700 }]);
      ledger.ticketEdits.push(deleted(3_000));
    }),
  ).toContain('duplicate_ticket');
  expect(
    violationsAfter((_, ledger) => {
      ledger.creates.push(twin);
      ledger.lookUps.set(twin.marker, [{ at: 2_600, answeredAt: 2_700 }]);
      ledger.unrecordable.push({ from: 2_650, until: 3_000 });
      ledger.ticketEdits.push(deleted(3_000));
    }),
  ).toEqual([]);
});

test('an active episode without a ticket is a violation, also when only FreeScout lost the ticket', () => {
  const lost = violationsAfter((facts, ledger) => {
    facts.filings.splice(1, 1);
    facts.audits.splice(2, 1);
    ledger.creates.splice(1, 1);
  });
  expect(lost).toEqual(['missing_ticket', 'unexplained']);
  expect(violationsAfter((_, ledger) => ledger.creates.splice(0, 1))).toEqual(['missing_ticket']);
});

test('a ticket with too few or too many of our tags is a violation; tags of people are not', () => {
  expect(violationsAfter((facts) => facts.freescout[0]?.tags.shift())).toEqual(['untagged']);
  expect(violationsAfter((facts) => facts.freescout[1]?.tags.push('auto:alert:beta'))).toEqual(['wrong_tags']);
  expect(violationsAfter((facts) => facts.freescout[1]?.tags.push('automatic'))).toEqual([]);
});

test('each ticket must be in the audit log exactly once, with its own key', () => {
  expect(violationsAfter((facts) => facts.audits.splice(1, 1))).toEqual(['missing_audit']);
  expect(violationsAfter((facts) => facts.audits.push(...facts.audits.slice(1, 2)))).toEqual(['wrong_audit']);
  expect(violationsAfter((facts) => Object.assign(facts.audits[1]?.payload ?? {}, { alert_key: 'beta:x' }))).toEqual([
    'wrong_audit',
  ]);
  expect(
    violationsAfter((facts) =>
      facts.audits.push({ action: 'console.alerts.ticket_filed', payload: { ticket_id: 77 } }),
    ),
  ).toEqual(['wrong_audit']);
});

test('an episode that ended without a ticket must have a reason in the audit log', () => {
  const ended = (facts: FinalState, ledger: Ledger) => {
    facts.filings.splice(0, 1);
    facts.audits.splice(1, 1);
    ledger.creates.splice(0, 1);
  };
  expect(violationsAfter(ended)).toEqual(['unexplained']);
  const reason = {
    action: 'console.alerts.ticket_skipped',
    payload: { alert_key: KEY, severity: 'P1', reason: 'resolved_before_filing' },
  };
  expect(
    violationsAfter((facts, ledger) => {
      ended(facts, ledger);
      facts.audits.push(reason);
    }),
  ).toEqual([]);
});
