import { expect, test } from 'vitest';
import { violationsAfter } from './violationsAfter.ts';

test('an answer that does not name the malformed alerts is a violation', () => {
  expect(violationsAfter((_, ledger) => ledger.wrongRejections.push('none rejected'))).toEqual(['wrong_rejection']);
});

test('jobs of a vanished host that are taken over late or never are a violation', () => {
  const after = (ms: number | null) =>
    violationsAfter((_, ledger) => ledger.takeovers.push({ process: 'worker-1', jobs: 2, ms }));
  expect([after(14_000), after(16_000), after(null)]).toEqual([[], ['slow_takeover'], ['slow_takeover']]);
});
