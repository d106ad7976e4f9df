import { expect, test } from 'vitest';
import { moveAt, soundRun } from '../samples.ts';
import { checkReleases } from './releases.ts';
import { KEY, violationsAfter } from './violationsAfter.ts';

const wait = { key: KEY, from: 40_000, until: 47_000 };

test('a job of a newer release that an older process took is a violation, and so is an alert that it wrote over', () => {
  expect(violationsAfter(({ releases }) => Object.assign(releases, { takenByOlder: 9 }))).toEqual([]);
  expect(violationsAfter(({ releases }) => Object.assign(releases, { takenTooNew: 1 }))).toEqual(['took_newer']);
  expect(violationsAfter(({ releases }) => releases.overwritten.push(`alert:${KEY}`))).toEqual(['overwrote_newer']);
});

test('an event that an older process leaves to a newer one must be applied in the end, and be reported', () => {
  const after = (until: number | null, newerReports: number) =>
    violationsAfter(({ releases }, ledger) => {
      releases.waits.push({ ...wait, until });
      Object.assign(ledger, { newerReports });
    });
  expect(after(47_000, 1)).toEqual([]);
  expect(after(null, 1)).toEqual(['lost_event']);
  expect(after(47_000, 0)).toEqual(['unreported']);
});

test('an emission that waits for a newer process may take effect after its answer, within a transaction of that time', () => {
  const after = (movedAt: number, from: number) =>
    violationsAfter(({ moves, alerts, releases }, ledger) => {
      moves.push(moveAt({ key: KEY, type: 'RESOLVED', at: movedAt }));
      Object.assign(alerts[0] ?? {}, { active: false });
      Object.assign(ledger.expected.get(KEY) ?? {}, { firing: false });
      ledger.newerReports = 1;
      releases.waits.push({ ...wait, from });
      ledger.acks.push({ key: KEY, status: 'resolved', severity: 'P2', sentAt: 39_990, ackedAt: 40_010 });
    });
  // Ticket 2 gets no note about this end.
  expect(after(47_500, 40_000)).toEqual(['missing_note']);
  expect(after(60_000, 40_000)).toContain('lost_event');
  expect(after(47_500, 30_000)).toContain('lost_event');
});

test('what older processes did is counted', () => {
  const { facts, ledger } = soundRun();
  const waits = [wait, { ...wait, until: 52_340 }];
  facts.releases = { takenByOlder: 30, takenTooNew: 0, newEffects: 8, waits, overwritten: [] };
  ledger.newerReports = 2;
  ledger.deploys.push(
    { release: 1, waiting: { actors: 3, effects: 2, kinds: ['alert 8'] } },
    { release: 2, waiting: null },
  );
  const counts = { takenByOlder: 30, takenTooNew: 0, newEffects: 8, waits: 2, longestWait: 12.3, waitingEffects: 2 };
  expect(checkReleases(facts, ledger)).toEqual({ violations: [], counts: { deploys: 2, ...counts, reports: 2 } });
});
