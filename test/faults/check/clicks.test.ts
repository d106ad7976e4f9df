import { expect, test } from 'vitest';
import type { FinalState } from '../finalState.ts';
import type { Ledger } from '../ledger.ts';
import { violationsAfter } from './violationsAfter.ts';

test('only one click may be told that a ticket is new, and each click must have an audit row', () => {
  expect(violationsAfter((_, ledger) => Object.assign(ledger.clicks[1]?.body ?? {}, { idempotent: false }))).toEqual([
    'wrong_answer',
  ]);
  expect(violationsAfter((facts) => facts.audits.splice(4, 1))).toEqual(['missing_audit']);
  expect(violationsAfter((facts) => Object.assign(facts.audits[4]?.payload ?? {}, { idempotent: false }))).toEqual([
    'wrong_audit',
  ]);
});

test('a second ticket of a click is a duplicate unless the first was closed, or an hour old by the clock of the database', () => {
  const second = {
    ticketId: 4,
    marker: 'AT-DDDDDDDDDD',
    subject: '[AT-DDDDDDDDDD] DOWN: Service (service-1)',
    receivedAt: 6_000,
    effectAt: 6_010,
  };
  const file = (facts: FinalState, ledger: Ledger) => {
    ledger.creates.push(second);
    ledger.clicks.push({ surfaceId: 'service-1', sentAt: 5_900, endedAt: 6_100, status: null, body: null });
    facts.filings.push({
      id: 'investigate:service-1:2',
      marker: 'AT-DDDDDDDDDD',
      path: 'investigate',
      subjectKey: 'investigate:service-1:DOWN',
      phase: 'tagged',
      ticketId: 4,
      adopted: false,
    });
    facts.audits.push({ action: 'console.status.ticket_filed', payload: { ticket_id: 4, idempotent: false } });
  };
  expect(violationsAfter(file)).toEqual(['duplicate_ticket']);
  expect(
    violationsAfter((facts, ledger) => {
      file(facts, ledger);
      ledger.ticketEdits.push({ ticketId: 3, what: 'close', at: 5_500, tag: null });
    }),
  ).toEqual([]);
  expect(
    violationsAfter((facts, ledger) => {
      file(facts, ledger);
      ledger.clockHours.push({ from: 5_500, until: 5_600 });
    }),
  ).toEqual([]);
});

test('a ticket posted after every click was refused is a violation, unless the outcome was reported as unknown', () => {
  const refused = violationsAfter((_, ledger) => {
    for (const click of ledger.clicks)
      Object.assign(click, { endedAt: 4_990, body: { degraded: true, reason: 'freescout_unavailable' } });
  });
  expect(refused).toEqual(['unrequested_ticket']);
  const unknown = violationsAfter((_, ledger) => {
    for (const click of ledger.clicks)
      Object.assign(click, { endedAt: 4_990, body: { degraded: true, reason: 'outcome_unknown' } });
  });
  expect(unknown).toEqual([]);
});
