import { describe } from './actions.ts';
import { BREAKS } from './breaks.ts';
import { INVARIANTS } from './invariantNames.ts';
import type { Options, Result } from './run.ts';

/** The report of a run. */
export function report(result: Result): string {
  const { failure } = result;
  return [
    `${count(result.played)} schedules, ${count(result.actions)} actions, ${count(result.steps)} steps, each checked against ${Object.keys(INVARIANTS).length} invariants`,
    `${count(result.virtualHours)} hours of virtual time in ${count(result.seconds)} s (${count(result.cpuSeconds)} s of processor time): ${count(result.perMinute)} schedules a minute`,
    `seed ${result.seed}${result.broken === null ? '' : `, broken on purpose: ${BREAKS[result.broken].what}`}`,
    ...(failure === null
      ? ['No schedule violates an invariant.']
      : [
          '',
          `Violated: ${failure.invariant}. ${INVARIANTS[failure.invariant]}`,
          `Details: ${failure.what}`,
          `The shortest failing schedule found (shortened ${failure.shrinks} times):`,
          ...failure.schedule.map((action, n) => `  ${n + 1}. ${describe(action)}`),
          '  Then all faults end and all alerts resolve.',
          `Repeat with: ${commandOf(result, failure.path)}`,
        ]),
  ].join('\n');
}

/** The command that plays one schedule again. */
export const commandOf = ({ seed, length, broken }: Options, path: string): string =>
  `npm run -s simulate -- --seed ${seed} --length ${length}${broken === null ? '' : ` --break ${broken}`} --path ${path}`;

const count = (n: number): string => n.toLocaleString('en-US');
