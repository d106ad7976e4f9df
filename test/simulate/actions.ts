import fc from 'fast-check';
import type { Severity } from '../../machines/shared/protocol.ts';
import type { Outcome } from '../../machines/surface/types.ts';
import type { DatabaseFault } from './calls.ts';
import type { FreeScoutFault, Person, Poison } from './freescout.ts';
import type { Hold } from './holds.ts';
import type { SlackFault } from './slack.ts';

/** One thing that is done to the program. A schedule is a list of actions and contains all randomness. */
export type Action =
  | { do: 'fire'; alert: number; severity: Severity; twin: boolean }
  | { do: 'request'; alerts: [alert: number, says: Report][] }
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
  | ({ do: 'freescout fault' } & FreeScoutFault)
  | { do: 'slack fault'; how: SlackFault }
  | { do: 'slack hides'; hidden: boolean }
  | { do: 'database fault'; how: DatabaseFault }
  | { do: 'person'; act: Person; pick: number }
  | { do: 'flag'; on: boolean }
  | { do: 'hold'; why: Hold | null }
  | { do: 'lost ticket' }
  | { do: 'reopen'; minutes: number }
  | { do: 'flood'; on: boolean }
  | { do: 'come back'; alert: number; ms: number }
  | { do: 'poison'; what: Poison | null }
  | { do: 'replay'; pick: number; edited: boolean };

/** What a request says about an alert: it fires, it resolves, or one after the other. */
export type Report = 'fires' | 'ends' | 'blips' | 'returns';

export const ALERTS = 3;
export const PROCESSES = 3;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** A request may take effect this long after it was sent, which is within the time that its attempt is in doubt. */
const LATEST_MS = 110 * SECOND;

/** A request that takes effect when nobody expects it any more. */
const STRAY_MS = 3 * MINUTE;

const one = <T>(...values: T[]) => fc.constantFrom(...values);
const what = <Name extends Action['do'], Rest extends object>(
  name: Name,
  rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
) => fc.record({ do: fc.constant(name), ...rest }) as fc.Arbitrary<{ do: Name } & Rest>;
const alert = fc.nat(ALERTS - 1);
const report = fc.tuple(alert, one<Report>('fires', 'ends', 'blips', 'returns'));
const process = fc.nat(PROCESSES - 1);

const freescoutFault = fc.oneof(
  what('freescout fault', {
    on: one('create' as const),
    how: one<FreeScoutFault['how']>('lost', 'vanishes', 'refused', 'rejected'),
    ms: fc.constant(0),
  }),
  what('freescout fault', {
    on: one('create' as const),
    how: one('late' as const, 'slow' as const),
    ms: one(4 * SECOND, 12 * SECOND, 30 * SECOND, LATEST_MS, STRAY_MS),
  }),
  what('freescout fault', {
    on: one('tag' as const, 'look' as const, 'note' as const),
    how: one<FreeScoutFault['how']>('refused', 'lost', 'vanishes'),
    ms: fc.constant(0),
  }),
);

/** The weights favour actions that make progress: time passes often, and each fault occurs now and then. */
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 10,
    arbitrary: what('fire', {
      alert,
      severity: one<Severity>('P1', 'P2', 'P2', 'P3'),
      twin: fc.nat(9).map((n) => n === 9),
    }),
  },
  { weight: 4, arbitrary: what('request', { alerts: fc.array(report, { minLength: 2, maxLength: 3 }) }) },
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
  { weight: 10, arbitrary: freescoutFault },
  { weight: 4, arbitrary: what('slack fault', { how: one<SlackFault>('refused', 'vanishes', 'lost') }) },
  { weight: 1, arbitrary: what('slack hides', { hidden: one(true, false) }) },
  { weight: 3, arbitrary: what('database fault', { how: one<DatabaseFault>('refused', 'answer lost') }) },
  { weight: 3, arbitrary: what('person', { act: one<Person>('close', 'trash', 'delete', 'untag'), pick: fc.nat(2) }) },
  { weight: 3, arbitrary: what('flag', { on: one(true, false) }) },
  { weight: 3, arbitrary: what('hold', { why: one<Hold | null>('maintenance', 'dependency', null, 'silenced') }) },
  { weight: 1, arbitrary: what('lost ticket', {}) },
  { weight: 5, arbitrary: what('reopen', { minutes: one(0, 5, 30, 30) }) },
  { weight: 5, arbitrary: what('come back', { alert, ms: one(SECOND, 40 * SECOND, 4 * MINUTE) }) },
  { weight: 1, arbitrary: what('flood', { on: one(true, true, false) }) },
  { weight: 3, arbitrary: what('poison', { what: one<Poison | null>('alert', 'alert', 'umbrella', null) }) },
  { weight: 1, arbitrary: what('replay', { pick: fc.nat(2), edited: one(true, false) }) },
);

/** Schedules of up to this many actions. */
export const schedules = (actions: number): fc.Arbitrary<Action[]> =>
  fc.array(action, { maxLength: actions, size: 'max' });

/** An action in words. */
export function describe(action: Action): string {
  const { do: name, ...rest } = action;
  const words = Object.entries(rest).map(([key, value]) =>
    key === 'ms' ? duration(Number(value)) : `${key} ${String(value)}`,
  );
  return [name, ...words].join(', ').replace(', ', ': ');
}

function duration(ms: number): string {
  if (ms < SECOND) return `${ms} ms`;
  return ms < MINUTE ? `${ms / SECOND} s` : `${ms / MINUTE} min`;
}
