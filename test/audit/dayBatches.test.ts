import { expect, it } from 'vitest';
import { addDays, inBatches } from '../../src/audit/dayBatches.ts';
import { collect } from '../support/collect.ts';

const tooLong = () => Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });

const YEAR = { from: '2025-01-01', to: '2025-12-31' };

function daysOf({ from, to }: typeof YEAR): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}

/** Reads with a clock that only reading moves: so many milliseconds for each day. */
function reader(msOf: (day: string) => number) {
  let clock = 0;
  const reads: { days: number; limitMs: number }[] = [];
  async function read(range: typeof YEAR, limitMs: number): Promise<string[]> {
    const days = daysOf(range);
    reads.push({ days: days.length, limitMs });
    const ms = days.reduce((sum, day) => sum + msOf(day), 0);
    clock += Math.min(ms, limitMs);
    if (ms > limitMs) throw tooLong();
    return days;
  }
  return { reads, read, now: () => clock };
}

it('days that are read quickly are read a month at once', async () => {
  const { read, now, reads } = reader(() => 1);
  expect((await collect(inBatches(YEAR, read, now))).flat()).toEqual(daysOf(YEAR));
  expect(Math.max(...reads.map(({ days }) => days))).toBe(31);
  expect(reads.length).toBeLessThan(20);
});

it('one day is read by one statement, which may take ten minutes', async () => {
  const day = { from: '2025-05-05', to: '2025-05-05' };
  const { read, now, reads } = reader(() => 599_000);
  expect(await collect(inBatches(day, read, now))).toEqual([['2025-05-05']]);
  expect(reads).toEqual([{ days: 1, limitMs: 600_000 }]);
});

it('a month that takes far longer than a statement may is read in parts, and each day once', async () => {
  // 31 such days would take 20 minutes.
  const { read, now, reads } = reader((day) => (day.startsWith('2025-06') ? 40_000 : 1));
  expect((await collect(inBatches(YEAR, read, now))).flat()).toEqual(daysOf(YEAR));
  // A statement that reads several days is given up early.
  expect(reads.filter(({ days, limitMs }) => days > 1 && limitMs > 30_000)).toEqual([]);
});

it('a day that takes too long by itself fails, and the days before it were read', async () => {
  const { read, now } = reader((day) => (day === '2025-01-06' ? 700_000 : 1));
  const seen: string[] = [];
  const reading = (async () => {
    for await (const days of inBatches(YEAR, read, now)) seen.push(...days);
  })();
  await expect(reading).rejects.toMatchObject({ code: '57014' });
  expect(seen.at(-1)).toBe('2025-01-05');
});

it('an error that is no limit ends the reading at once', async () => {
  const broken = async ({ from, to }: typeof YEAR) => {
    if (from !== to) throw new Error('broken');
  };
  await expect(collect(inBatches(YEAR, broken))).rejects.toThrow('broken');
});
