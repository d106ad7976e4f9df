import fc from 'fast-check';
import type { Severity } from '../../machines/shared/protocol.ts';
import type { Outcome } from '../../machines/surface/types.ts';
import type { DatabaseMishap } from './calls.ts';
import type { FreeScoutMishap, Person } from './freescout.ts';
import type { SlackMishap } from './slack.ts';

/** One thing that happens to the program. A schedule is a list of them; nothing else is left to chance. */
export type Happening =
  | { do: 'fire'; alert: number; severity: Severity; twin: boolean }
  | { do: 'resolve'; alert: number }
  | { do: 'fall silent'; alert: number }
  | { do: 'check'; outcome: Outcome }
  | { do: 'click' }
  | { do: 'remove' }
  | { do: 'maintain'; minutes: number }
  | { do: 'pass'; ms: number }
  | { do: 'steps'; n: number }
  | { do: 'overtake'; skip: number }
  | { do: 'crash'; process: number }
  | { do: 'stop'; process: number }
  | { do: 'sleep'; process: number; ms: number }
  | { do: 'double'; pick: number }
  | { do: 'redeliver'; pick: number }
  | { do: 'late timer'; ms: number }
  | { do: 'freescout'; up: boolean }
  | ({ do: 'freescout mishap' } & FreeScoutMishap)
  | { do: 'slack mishap'; how: SlackMishap }
  | { do: 'slack hides'; hidden: boolean }
  | { do: 'database mishap'; how: DatabaseMishap }
  | { do: 'person'; act: Person; pick: number }
  | { do: 'flag'; on: boolean };

export const ALERTS = 3;
export const PROCESSES = 3;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** A request that was given up takes effect within the doubt, which begins up to 5 s before it is sent. */
const LATEST_MS = 110 * SECOND;

const one = <T>(...values: T[]) => fc.constantFrom(...values);
const what = <Name extends Happening['do'], Rest extends object>(
  name: Name,
  rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
) => fc.record({ do: fc.constant(name), ...rest }) as fc.Arbitrary<{ do: Name } & Rest>;
const alert = fc.nat(ALERTS - 1);
const process = fc.nat(PROCESSES - 1);

const deskMishap = fc.oneof(
  what('freescout mishap', {
    on: one('create' as const),
    how: one<FreeScoutMishap['how']>('lost', 'vanishes', 'refused', 'rejected'),
    ms: fc.constant(0),
  }),
  what('freescout mishap', {
    on: one('create' as const),
    how: one('late' as const, 'slow' as const),
    ms: one(4 * SECOND, 12 * SECOND, 30 * SECOND, LATEST_MS),
  }),
  what('freescout mishap', {
    on: one('tag' as const, 'look' as const, 'note' as const),
    how: one<FreeScoutMishap['how']>('refused', 'lost', 'vanishes'),
    ms: fc.constant(0),
  }),
);

/** What is likely is what leads somewhere: time passes often, and every trouble now and then. */
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 14,
    arbitrary: what('fire', {
      alert,
      severity: one<Severity>('P1', 'P2', 'P2', 'P3'),
      twin: fc.nat(9).map((n) => n === 9),
    }),
  },
  { weight: 7, arbitrary: what('resolve', { alert }) },
  { weight: 1, arbitrary: what('fall silent', { alert }) },
  { weight: 8, arbitrary: what('check', { outcome: one<Outcome>('up', 'slow', 'down', 'down') }) },
  { weight: 8, arbitrary: what('click', {}) },
  { weight: 1, arbitrary: what('remove', {}) },
  { weight: 1, arbitrary: what('maintain', { minutes: one(0, 5) }) },
  { weight: 8, arbitrary: what('pass', { ms: one(10, 50, 200, SECOND) }) },
  { weight: 12, arbitrary: what('pass', { ms: one(3 * SECOND, 15 * SECOND, 31 * SECOND, 2 * MINUTE, 6 * MINUTE) }) },
  { weight: 1, arbitrary: what('pass', { ms: one(11 * MINUTE, 31 * MINUTE, 61 * MINUTE) }) },
  { weight: 10, arbitrary: what('steps', { n: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 6, arbitrary: what('overtake', { skip: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 4, arbitrary: what('crash', { process }) },
  { weight: 2, arbitrary: what('stop', { process }) },
  { weight: 2, arbitrary: what('sleep', { process, ms: one(2 * SECOND, 20 * SECOND, 3 * MINUTE) }) },
  { weight: 3, arbitrary: what('double', { pick: fc.nat(3) }) },
  { weight: 3, arbitrary: what('redeliver', { pick: fc.nat(9) }) },
  { weight: 2, arbitrary: what('late timer', { ms: one(5 * SECOND, 2 * MINUTE) }) },
  { weight: 3, arbitrary: what('freescout', { up: one(true, false) }) },
  { weight: 10, arbitrary: deskMishap },
  { weight: 4, arbitrary: what('slack mishap', { how: one<SlackMishap>('refused', 'vanishes', 'lost') }) },
  { weight: 1, arbitrary: what('slack hides', { hidden: one(true, false) }) },
  { weight: 3, arbitrary: what('database mishap', { how: one<DatabaseMishap>('refused', 'answer lost') }) },
  { weight: 3, arbitrary: what('person', { act: one<Person>('close', 'trash', 'delete', 'untag'), pick: fc.nat(2) }) },
  { weight: 3, arbitrary: what('flag', { on: one(true, false) }) },
);

/** Schedules of up to so many happenings. */
export const schedules = (happenings: number): fc.Arbitrary<Happening[]> =>
  fc.array(happening, { maxLength: happenings, size: 'max' });

/** In words, for people. */
export function told(happening: Happening): string {
  const { do: name, ...rest } = happening;
  const words = Object.entries(rest).map(([key, value]) =>
    key === 'ms' ? duration(Number(value)) : `${key} ${String(value)}`,
  );
  return [name, ...words].join(', ').replace(', ', ': ');
}

function duration(ms: number): string {
  if (ms < SECOND) return `${ms} ms`;
  return ms < MINUTE ? `${ms / SECOND} s` : `${ms / MINUTE} min`;
}
