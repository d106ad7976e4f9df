import { afterAll, beforeAll, expect, it } from 'vitest';
import { ageSeconds } from '../../src/db/age.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
});
afterAll(() => database.drop());

const ageOf = async (instant: string): Promise<number | null> => {
  const { rows } = await database.pool.query<{ age: number | null }>(
    `select ${ageSeconds('instant')} as age from (select (${instant})::timestamptz as instant) as one`,
  );
  return rows[0]?.age ?? null;
};

it('the age of an instant that lies ahead because the clock was set back is 0, and never negative', async () => {
  for (const ahead of ['1 microsecond', '1 second', '3 days', '100 years']) {
    expect(await ageOf(`clock_timestamp() + interval '1 hour' + interval '${ahead}'`)).toBe(0);
  }
  expect(await ageOf("'infinity'")).toBe(0);
});

it('an instant that has passed has its age, and none has no age', async () => {
  expect(await ageOf("clock_timestamp() - interval '1 hour'")).toBeGreaterThanOrEqual(3_600);
  expect(await ageOf('null')).toBeNull();
});
