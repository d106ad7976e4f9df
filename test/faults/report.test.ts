import { expect, test } from 'vitest';
import { takeoversLine } from './report.ts';

test('the summary counts the jobs that were taken over apart from the hosts that vanished', () => {
  expect(takeoversLine([{ process: 'worker-1', jobs: 2, ms: 5_000 }])).toBe('2 jobs; vanished hosts: 1; slowest: 5 s');
  expect(takeoversLine([])).toBe('no host vanished with jobs');
});
