import { expect, test } from 'vitest';
import { KEY, violationsAfter } from './violationsAfter.ts';

test('an acknowledged emission that never took effect is lost', () => {
  expect(
    violationsAfter((_, ledger) =>
      ledger.acks.push({ key: 'beta:1', status: 'firing', severity: 'P1', sentAt: 1, ackedAt: 9 }),
    ),
  ).toEqual(['lost_event']);
  expect(
    violationsAfter((_, ledger) =>
      ledger.acks.push({ key: KEY, status: 'firing', severity: 'P2', sentAt: 21_000, ackedAt: 21_050 }),
    ),
  ).toEqual(['lost_event']);
  expect(
    violationsAfter((_, ledger) =>
      ledger.acks.push({ key: KEY, status: 'firing', severity: 'P1', sentAt: 40_000, ackedAt: 40_050 }),
    ),
  ).toEqual(['lost_event']);
  expect(
    violationsAfter((_, ledger) =>
      ledger.acks.push({ key: KEY, status: 'resolved', severity: 'P1', sentAt: 40_000, ackedAt: 40_050 }),
    ),
  ).toEqual(['lost_event']);
});

test('an emission that repeats the present state is not lost', () => {
  const repeat = { key: KEY, status: 'firing', severity: 'P2', sentAt: 50_000, ackedAt: 50_050 } as const;
  expect(violationsAfter((_, ledger) => ledger.acks.push(repeat))).toEqual([]);
});

test('an alert whose state differs from its history has lost an update', () => {
  expect(
    violationsAfter((facts) =>
      facts.alerts.splice(0, 1, { key: KEY, active: true, episode: 1, severity: 'P2', ticketId: 2 }),
    ),
  ).toEqual(['lost_update']);
  expect(violationsAfter((facts) => facts.repeatedRevisions.push('alert:x at 3'))).toEqual(['lost_update']);
  expect(violationsAfter((_, ledger) => Object.assign(ledger.expected.get(KEY) ?? {}, { firing: false }))).toEqual([
    'lost_event',
  ]);
});
