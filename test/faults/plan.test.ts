import { expect, test } from 'vitest';
import { makePlan, type Plan, type PlanOptions } from './plan.ts';
import { KILL_FAULTS, LINK_FAULTS, NAME_FAULTS, usualCounts } from './planFaults.ts';

const options: PlanOptions = {
  seed: 42,
  incidents: 1_000,
  seconds: 1_800,
  processes: 5,
  surfaces: 8,
  sources: ['alpha', 'beta'],
  rare: usualCounts(1_800),
};
const full = makePlan(options);
const incidents = (plan: Plan) => plan.rounds.flatMap((round) => round.incidents);
const faults = (plan: Plan) => plan.rounds.flatMap((round) => round.faults);

test('the same seed gives the same plan, and another seed another plan', () => {
  // Compared as texts, because a comparison of the values takes seconds.
  expect(JSON.stringify(makePlan(options))).toBe(JSON.stringify(full));
  expect(JSON.stringify(makePlan({ ...options, seed: 43 }))).not.toBe(JSON.stringify(full));
});

test('the plan has the requested number of incidents, each with a different key', () => {
  expect(incidents(full)).toHaveLength(1_000);
  expect(new Set(incidents(full).map(({ alertId }) => alertId.slice(0, 16))).size).toBe(1_000);
  expect(incidents(full).map(({ n }) => n)).toEqual(Array.from({ length: 1_000 }, (_, n) => n + 1));
});

test('only the last episode of an alert may keep firing', () => {
  for (const { episodes } of incidents(full)) expect(episodes.slice(0, -1).map(({ end }) => end)).not.toContain('open');
});

test('half an hour has more than 300 kills and more than 20 restarts of the database', () => {
  expect(faults(full).filter(({ what }) => what === 'kill').length).toBeGreaterThan(300);
  expect(faults(full).filter(({ what }) => /^database/.test(what)).length).toBeGreaterThan(20);
});

test('everything happens within its round, and spans do not overlap', () => {
  for (const round of full.rounds) {
    for (const { at } of [
      ...round.incidents,
      ...round.faults,
      ...round.clicks,
      ...round.surfaceChanges,
      ...round.ticketEdits,
    ]) {
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at).toBeLessThan(round.ms);
    }
    for (const spans of [round.outages, round.flagOff]) {
      for (const [n, { from, until }] of spans.entries()) {
        expect(until).toBeGreaterThan(from);
        expect(from).toBeGreaterThanOrEqual(spans[n - 1]?.until ?? 0);
      }
    }
  }
});

test('a process is paused for longer than 2.5 s only inside a transaction', () => {
  const pauses = faults(full).filter(({ what }) => what === 'pause');
  expect(Math.max(...pauses.map(({ ms }) => ms))).toBeLessThanOrEqual(2_500);
  const inTransactions = faults(full).filter(({ what }) => what === 'pause_in_transaction');
  expect(Math.min(...inTransactions.map(({ ms }) => ms))).toBeGreaterThan(10_000);
});

test('the run has as many rare faults as wanted, and each kind of them', () => {
  const rare = {
    ...{ silentLinks: 10, lostHosts: 3, longPauses: 4, failovers: 2 },
    ...{ nameFaults: 14, clockSteps: 4, clockHours: 3, killPoints: 12, deploys: 5 },
  };
  const names = faults(makePlan({ ...options, seconds: 600, rare })).map(({ what }) => what);
  const count = (wanted: readonly string[]) => names.filter((name) => wanted.includes(name)).length;
  expect(LINK_FAULTS.map((name) => count([name]))).toEqual([2, 2, 2, 2, 2]);
  expect([count(['host_lost']), count(['pause_in_transaction']), count(['deploy'])]).toEqual([3, 4, 5]);
  expect([count(['failover']), count(['failover_silent'])]).toEqual([1, 1]);
  expect(NAME_FAULTS.map((name) => count([name]))).toEqual(NAME_FAULTS.map(() => 2));
  expect(KILL_FAULTS.map((name) => count([name]))).toEqual(KILL_FAULTS.map(() => 2));
  expect([count(['server_clock_back']), count(['server_clock_forward'])]).toEqual([2, 2]);
  expect(count(['server_clock_hour'])).toBe(3);
});
