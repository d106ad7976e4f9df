import { expect, it } from 'vitest';
import { maxChecksAtOnce, openFilesLimit } from '../../src/surfaces/concurrency.ts';

it.each([
  [1_024, 512],
  [100, 64],
  [1_000_000, 1_000],
  [null, 1_000],
])('a process that may open %s files makes at most %i checks at once', (openFiles, checks) => {
  expect(maxChecksAtOnce(openFiles)).toBe(checks);
});

it('the limit for open files of this process is read', () => {
  expect(openFilesLimit() ?? Number.POSITIVE_INFINITY).toBeGreaterThan(0);
});
