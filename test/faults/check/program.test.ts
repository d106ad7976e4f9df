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

test('a message that was delivered twice and took effect twice, or not at all, is a violation', () => {
  const after = (times: number, sent: 'sent' | 'unknown') =>
    violationsAfter(({ audits }, { repeated }) => {
      repeated.set('2026-05-05T15:00:00.000Z', sent);
      const payload = { surface_id: 'parked', until: '2026-05-05T15:00:00.000Z' };
      for (let n = 0; n < times; n += 1) audits.push({ action: 'console.surfaces.maintenance_started', payload });
    });
  expect([after(1, 'sent'), after(0, 'unknown')]).toEqual([[], []]);
  expect([after(2, 'sent'), after(2, 'unknown')]).toEqual([['repeated_event'], ['repeated_event']]);
  expect(after(0, 'sent')).toEqual(['lost_event']);
});
