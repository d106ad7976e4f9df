import { describe, expect, it } from 'vitest';
import { formatDuration, formatRelative, formatUtc } from '../../../src/http/views/time.tsx';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('durations', () => {
  it.each([
    [0, '0 s'],
    [400, '0 s'],
    [59 * SECOND, '59 s'],
    [MINUTE, '1 min'],
    [59 * MINUTE + 59 * SECOND, '59 min'],
    [HOUR, '1 h'],
    [HOUR + 5 * MINUTE, '1 h 5 min'],
    [DAY, '1 d'],
    [2 * DAY + 4 * HOUR + 59 * MINUTE, '2 d 4 h'],
    [400 * DAY, '400 d'],
    [-5 * SECOND, '0 s'],
  ])('%i ms is shown as %s', (ms, words) => {
    expect(formatDuration(ms)).toBe(words);
  });
});

describe('times', () => {
  const now = new Date('2026-05-05T14:32:17.000Z');
  it.each([
    ['2026-05-05T14:32:17.200Z', 'just now'],
    ['2026-05-05T14:20:17.000Z', '12 min ago'],
    ['2026-05-05T15:32:17.000Z', 'in 1 h'],
    ['no instant', 'no instant'],
  ])('%s is shown as %s', (at, words) => {
    expect(formatRelative(at, now)).toBe(words);
  });

  it('times are shown in UTC, whatever their offset', () => {
    expect(formatUtc('2026-05-05T16:32:17.123+02:00')).toBe('2026-05-05 14:32:17 UTC');
    expect(formatUtc('no instant')).toBe('no instant');
  });
});
