import { expect, it } from 'vitest';
import { weekAfter, weekBefore, weekNamed, weekOf } from '../../../src/alerts/weekly/weeks.ts';

it.each([
  ['2026-05-04T00:00:00Z', '2026-W19'],
  ['2026-05-10T23:59:59.999Z', '2026-W19'],
  ['2026-05-11T00:00:00Z', '2026-W20'],
  ['2027-01-03T12:00:00Z', '2026-W53'],
  ['2025-12-29T00:00:00Z', '2026-W01'],
])('%s is in week %s', (at, name) => {
  expect(weekOf(new Date(at)).name).toBe(name);
});

it('a week is found by its name, and so are its neighbours across years', () => {
  const last = weekNamed('2026-W53');
  expect(last?.from.toISOString()).toBe('2026-12-28T00:00:00.000Z');
  expect(last?.to.toISOString()).toBe('2027-01-04T00:00:00.000Z');
  expect(last && weekAfter(last).name).toBe('2027-W01');
  expect(last && weekBefore(last).name).toBe('2026-W52');
});

it.each(['2025-W53', '2026-W00', '2026-W54', '2026-19', 'now', '0001-W01'])('there is no week %s', (name) => {
  expect(weekNamed(name)).toBeNull();
});
