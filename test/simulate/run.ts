import fc from 'fast-check';
import { type Action, schedules } from './actions.ts';
import { BREAKS, type BreakName } from './breaks.ts';
import type { Violation } from './invariantNames.ts';
import { play } from './play.ts';

export interface Options {
  seed: number;
  schedules: number;
  /** The maximum number of actions in a schedule. */
  length: number;
  broken: BreakName | null;
  /** The path to one schedule of this seed, which alone is played. */
  path: string | null;
  /** False: the first failing schedule is enough, and no shorter one is searched for. */
  shrink?: boolean;
}

export interface Result extends Options {
  passed: boolean;
  /** Played schedules, including those of the search for a shorter failing one. */
  played: number;
  /** Performed actions, and steps after each of which all invariants were checked. */
  actions: number;
  steps: number;
  virtualHours: number;
  seconds: number;
  cpuSeconds: number;
  perMinute: number;
  failure: Failure | null;
}

interface Failure extends Violation {
  /** The shortest failing schedule that was found, and its path. */
  schedule: Action[];
  path: string;
  shrinks: number;
}

/** Plays schedules from the seed until one fails, then searches for the shortest failing one. */
export async function simulate(
  options: Options,
  onPlayed: (played: number) => void = () => undefined,
): Promise<Result> {
  const breakage = options.broken === null ? {} : BREAKS[options.broken].breakage;
  const began = performance.now();
  const cpu = process.cpuUsage();
  const count = { played: 0, actions: 0, steps: 0, virtualMs: 0 };
  let violation: Violation | null = null;

  const property = fc.asyncProperty(schedules(options.length), async (schedule) => {
    const one = await play(schedule, breakage);
    count.played += 1;
    count.actions += one.performed;
    count.steps += one.steps;
    count.virtualMs += one.lasted;
    onPlayed(count.played);
    if (one.violation) violation = one.violation;
    return one.violation === null;
  });
  const details = await fc.check(property, {
    seed: options.seed,
    ...(options.path === null
      ? { numRuns: options.schedules, endOnFailure: options.shrink === false }
      : { numRuns: 1, path: options.path, endOnFailure: true }),
  });

  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    ...options,
    passed: !details.failed,
    played: count.played,
    actions: count.actions,
    steps: count.steps,
    virtualHours: Math.round(count.virtualMs / 3_600_000),
    seconds: Math.round(seconds * 10) / 10,
    cpuSeconds: Math.round((user + system) / 100_000) / 10,
    perMinute: Math.round((count.played / seconds) * 60),
    failure: details.failed && violation ? failureOf(details, violation) : null,
  };
}

/** Shrinking continues from failing schedules, so the last violation belongs to the shortest one. */
function failureOf(
  { counterexample, counterexamplePath, numShrinks }: fc.RunDetails<[Action[]]>,
  violation: Violation,
): Failure {
  return { ...violation, schedule: counterexample?.[0] ?? [], path: counterexamplePath ?? '', shrinks: numShrinks };
}
