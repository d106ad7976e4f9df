import { expect, test } from 'vitest';
import { makePlan, type Plan, type PlanOptions } from './plan.ts';

const options: PlanOptions = {
  seed: 42,
  incidents: 10_000,
  seconds: 1_800,
  processes: 5,
  surfaces: 8,
  sources: ['alpha', 'beta'],
};
const full = makePlan(options);
const incidents = (plan: Plan) => plan.rounds.flatMap((round) => round.incidents);
const processFaults = (plan: Plan) => plan.rounds.flatMap((round) => round.processFaults);

test('the same seed gives the same plan, and another seed another plan', () => {
  expect(makePlan(options)).toEqual(full);
  expect(makePlan({ ...options, seed: 43 })).not.toEqual(full);
});

test('the plan has the requested number of incidents, each with a different key', () => {
  expect(incidents(full)).toHaveLength(10_000);
  expect(new Set(incidents(full).map(({ alertId }) => alertId.slice(0, 16))).size).toBe(10_000);
  expect(incidents(full).map(({ n }) => n)).toEqual(Array.from({ length: 10_000 }, (_, n) => n + 1));
});

test('only the last episode of an alert may keep firing', () => {
  for (const { episodes } of incidents(full)) expect(episodes.slice(0, -1).map(({ end }) => end)).not.toContain('open');
});

test('half an hour has more than 300 kills and more than 20 restarts of the database', () => {
  expect(processFaults(full).filter(({ what }) => what === 'kill').length).toBeGreaterThan(300);
  expect(processFaults(full).filter(({ what }) => /^database/.test(what)).length).toBeGreaterThan(20);
});

test('everything happens within its round, and spans do not overlap', () => {
  for (const round of full.rounds) {
    for (const { at } of [
      ...round.incidents,
      ...round.processFaults,
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

test('no process is paused for longer than 2.5 s', () => {
  expect(Math.max(...processFaults(full).map(({ ms }) => ms))).toBeLessThanOrEqual(2_500);
});
