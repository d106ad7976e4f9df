import fc from 'fast-check';
import { BREAKS, type BreakName } from './breaks.ts';
import type { Violation } from './check.ts';
import { type Happening, schedules } from './happenings.ts';
import { play } from './play.ts';

export interface Options {
  seed: number;
  schedules: number;
  /** How many happenings a schedule may have. */
  length: number;
  broken: BreakName | null;
  /** Leads to one schedule of this seed, and plays that one only. */
  path: string | null;
}

export interface Result extends Options {
  passed: boolean;
  /** Schedules that were played, those included that looked for a shorter failing one. */
  played: number;
  /** Happenings, and steps of the environment between which every invariant looked. */
  happenings: number;
  steps: number;
  virtualHours: number;
  seconds: number;
  cpuSeconds: number;
  perMinute: number;
  failure: Failure | null;
}

interface Failure extends Violation {
  /** The shortest failing schedule that was found, and where it stands. */
  schedule: Happening[];
  path: string;
  shrinks: number;
}

/** Plays schedules drawn from the seed until one fails, and looks for the shortest that fails as well. */
export async function simulate(
  options: Options,
  onPlayed: (played: number) => void = () => undefined,
): Promise<Result> {
  const breakage = options.broken === null ? {} : BREAKS[options.broken].breakage;
  const began = performance.now();
  const cpu = process.cpuUsage();
  const count = { played: 0, happenings: 0, steps: 0, virtualMs: 0 };
  let violation: Violation | null = null;

  const property = fc.asyncProperty(schedules(options.length), async (schedule) => {
    const one = await play(schedule, breakage);
    count.played += 1;
    count.happenings += one.happened;
    count.steps += one.steps;
    count.virtualMs += one.lasted;
    onPlayed(count.played);
    if (one.violation) violation = one.violation;
    return one.violation === null;
  });
  const details = await fc.check(property, {
    seed: options.seed,
    ...(options.path === null
      ? { numRuns: options.schedules }
      : { numRuns: 1, path: options.path, endOnFailure: true }),
  });

  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    ...options,
    passed: !details.failed,
    played: count.played,
    happenings: count.happenings,
    steps: count.steps,
    virtualHours: Math.round(count.virtualMs / 3_600_000),
    seconds: Math.round(seconds * 10) / 10,
    cpuSeconds: Math.round((user + system) / 100_000) / 10,
    perMinute: Math.round((count.played / seconds) * 60),
    failure: details.failed && violation ? failureOf(details, violation) : null,
  };
}

/** Shrinking goes on from what fails, so the last violation seen is the one of the shortest schedule. */
function failureOf(
  { counterexample, counterexamplePath, numShrinks }: fc.RunDetails<[Happening[]]>,
  violation: Violation,
): Failure {
  return { ...violation, schedule: counterexample?.[0] ?? [], path: counterexamplePath ?? '', shrinks: numShrinks };
}
