import { expect, it } from 'vitest';
import { again } from './report.ts';
import { type Options, simulate } from './run.ts';

const options: Options = { seed: 20_260_505, schedules: 2_000, length: 40, broken: null, path: null };

it('two thousand schedules of crashes, lost answers, clicks, storms and flips violate nothing', async () => {
  const { failure, played } = await simulate(options);
  expect(failure).toBeNull();
  expect(played).toBe(options.schedules);
}, 300_000);

it('the same seed plays the same schedules, step by step', async () => {
  const short = { ...options, schedules: 20 };
  const [one, other] = [await simulate(short), await simulate(short)];
  expect(one.steps).toBe(other.steps);
  expect(one.happenings).toBe(other.happenings);
});

it('a failing schedule is shown by its shortest form, and the path plays just that one again', async () => {
  const broken = { ...options, broken: 'forgets-its-ticket' } as const;
  const { failure } = await simulate(broken);
  expect(failure?.schedule.length).toBeLessThanOrEqual(3);
  const path = failure?.path ?? '';
  expect(await simulate({ ...broken, path })).toMatchObject({ played: 1, failure: { schedule: failure?.schedule } });
  expect(again(broken, path)).toContain(`--break forgets-its-ticket --path ${path}`);
}, 120_000);
