import { expect, it } from 'vitest';
import { commandOf } from './report.ts';
import { type Options, simulate } from './run.ts';

const options: Options = { seed: 20_260_505, schedules: 250, length: 40, broken: null, path: null };

it('schedules of crashes, lost responses, clicks, storms and flag flips violate no invariant', async () => {
  const { failure, played } = await simulate(options);
  expect(failure).toBeNull();
  expect(played).toBe(options.schedules);
}, 600_000);

it('the same seed plays the same schedules with the same steps', async () => {
  const short = { ...options, schedules: 20 };
  const [one, other] = [await simulate(short), await simulate(short)];
  expect(one.steps).toBe(other.steps);
  expect(one.actions).toBe(other.actions);
});

it('a failing schedule is reduced to its shortest form, and the path plays only that one again', async () => {
  const broken = { ...options, broken: 'forgotten-ticket' } as const;
  const { failure } = await simulate(broken);
  expect(failure?.schedule.length).toBeLessThanOrEqual(3);
  const path = failure?.path ?? '';
  expect(await simulate({ ...broken, path })).toMatchObject({ played: 1, failure: { schedule: failure?.schedule } });
  expect(commandOf(broken, path)).toContain(`--break forgotten-ticket --path ${path}`);
}, 600_000);
