import { BREAKS } from './breaks.ts';
import { INVARIANTS } from './check.ts';
import { told } from './happenings.ts';
import type { Options, Result } from './run.ts';

/** What a run came to, for people. */
export function report(result: Result): string {
  const { failure } = result;
  return [
    `${count(result.played)} schedules, ${count(result.happenings)} happenings, ${count(result.steps)} steps, each looked at by ${Object.keys(INVARIANTS).length} invariants`,
    `${count(result.virtualHours)} hours of virtual time in ${count(result.seconds)} s (${count(result.cpuSeconds)} s of processor time): ${count(result.perMinute)} schedules a minute`,
    `seed ${result.seed}${result.broken === null ? '' : `, broken on purpose: ${BREAKS[result.broken].what}`}`,
    ...(failure === null
      ? ['No schedule violates an invariant.']
      : [
          '',
          `Violated: ${failure.invariant}. ${INVARIANTS[failure.invariant]}`,
          `Here: ${failure.what}`,
          `The shortest schedule found that does it (${failure.shrinks} times shortened):`,
          ...failure.schedule.map((happening, n) => `  ${n + 1}. ${told(happening)}`),
          '  and then the environment gets well.',
          `again: ${again(result, failure.path)}`,
        ]),
  ].join('\n');
}

/** The command that plays one schedule again. */
export const again = ({ seed, length, broken }: Options, path: string): string =>
  `npm run -s simulate -- --seed ${seed} --length ${length}${broken === null ? '' : ` --break ${broken}`} --path ${path}`;

const count = (n: number): string => n.toLocaleString('en-US');
