import { expect, onTestFinished, test } from 'vitest';
import { createDatabaseClock, createReadings, type Reading } from '../../src/db/databaseClock.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';

const HOUR = 3_600;
/** An instant of the database's clock; all times are in seconds. */
const START = 1_000_000;

/** A process that reads a clock of the database; `now` is its steady clock. */
function aProcess() {
  let now = 100;
  const readings = createReadings({ now: () => now * 1_000 });
  return {
    passes(seconds: number): void {
      now += seconds;
    },
    /** The clock shows this, and the answer arrives some seconds after it was asked for. Returns the step. */
    reads(shown: number, answerTakes = 0): number {
      const askedAt = now * 1_000;
      now += answerTakes;
      return readings.add({ databaseMs: shown * 1_000, askedAt, answeredAt: now * 1_000 }) / 1_000;
    },
    ageOf: (instant: number): number => readings.ageAtLeastMs(instant * 1_000) / 1_000,
  };
}

test('without a step, an age is the time that has passed', () => {
  const process = aProcess();
  process.reads(START);
  process.passes(6);
  expect(process.reads(START + 6)).toBe(0);
  process.passes(4);
  expect(process.ageOf(START + 3)).toBe(7);
});

test('what began before the first reading is as old as that reading', () => {
  const process = aProcess();
  process.reads(START);
  process.passes(5);
  expect(process.ageOf(START - HOUR)).toBe(5);
});

test('without a reading no age is known', () => {
  expect(aProcess().ageOf(START - HOUR)).toBe(0);
});

test('an attempt does not become older when the clock is set forward, noticed or not', () => {
  const process = aProcess();
  process.reads(START);
  process.passes(5);
  expect(process.ageOf(START + 3)).toBe(2);
  expect(process.reads(START + 5 + HOUR)).toBe(HOUR);
  process.passes(6);
  process.reads(START + 11 + HOUR);
  expect(process.ageOf(START + 3)).toBe(6);
  // It began after the step, and before that was noticed.
  expect(process.ageOf(START + 4 + HOUR)).toBe(6);
  expect(process.ageOf(START + 7 + HOUR)).toBe(4);
});

test('an attempt after the clock was set back is not older than it is', () => {
  const process = aProcess();
  process.reads(START);
  process.passes(2);
  expect(process.reads(START + 2 - 30)).toBe(-30);
  process.passes(8);
  expect(process.ageOf(START + 3 - 30)).toBe(7);
  expect(process.ageOf(START + 1)).toBe(0);
});

test('slow answers are not taken for a step', () => {
  const process = aProcess();
  process.reads(START, 4);
  expect(process.reads(START + 9, 5)).toBe(0);
  expect(process.ageOf(START + 3)).toBe(2);
});

test('steps that are too small to be noticed add up until they are', () => {
  const process = aProcess();
  process.reads(START);
  process.passes(2);
  expect(process.reads(START + 2.9)).toBe(0);
  process.passes(2);
  expect(process.reads(START + 5.8)).toBeCloseTo(1.8);
});

test('after a time without readings, ages count from the next reading', () => {
  const process = aProcess();
  process.reads(START);
  process.passes(11);
  expect(process.ageOf(START)).toBe(0);
  expect(process.reads(START + 11)).toBe(0);
  process.passes(3);
  expect(process.ageOf(START)).toBe(3);
});

test('a listener gets the latest reading at once and each later one, and causes none of its own', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  let asked = 0;
  const query = (text: string) => {
    asked += 1;
    return database.pool.query(text);
  };
  const clock = createDatabaseClock({ query } as never, createLog({ level: 'silent' }));
  onTestFinished(() => clock.stop());
  const [early, late, stopped]: [Reading[], Reading[], Reading[]] = [[], [], []];
  clock.onReading((reading) => early.push(reading));
  clock.start();
  await eventually(() => expect(early).not.toEqual([]));

  clock.onReading((reading) => late.push(reading));
  clock.onReading((reading) => stopped.push(reading))();
  const latest = early.slice(-1);
  expect([late, stopped]).toStrictEqual([latest, latest]);
  await eventually(() => expect(late.length).toBeGreaterThan(1));
  expect(early.slice(-late.length)).toStrictEqual(late);
  expect(stopped).toStrictEqual(latest);
  // Another one may be on its way.
  expect(asked).toBeLessThanOrEqual(early.length + 1);
});
