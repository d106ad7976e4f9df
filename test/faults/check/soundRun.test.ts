import { expect, test } from 'vitest';
import { soundRun } from '../samples.ts';
import { checkClicks } from './clicks.ts';
import { checkMessages } from './messages.ts';
import { checkTickets } from './tickets.ts';
import { violationsAfter } from './violationsAfter.ts';

test('a sound run has no violation, and its counts add up', () => {
  const { facts, ledger } = soundRun();
  expect(violationsAfter(() => undefined)).toEqual([]);
  expect(checkTickets(facts, ledger).counts).toMatchObject({
    episodes: 2,
    expected: 2,
    found: 2,
    auditExpected: 2,
    auditFound: 2,
  });
  expect(checkClicks(facts, ledger).counts).toMatchObject({ clicks: 2, withTicket: 2, tickets: 1, auditRows: 2 });
  expect(checkMessages(facts, ledger).counts).toMatchObject({ openings: 2, openingsFound: 2, doubles: 0, notes: 1 });
});
