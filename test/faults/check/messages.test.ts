import { expect, test } from 'vitest';
import { violationsAfter } from './violationsAfter.ts';

test('a missing opening message is a violation, and so is a repeated message unless a response was lost', () => {
  expect(violationsAfter((facts) => facts.slack.splice(0, 1))).toEqual(['missing_message']);
  expect(violationsAfter((facts) => facts.slack.push({ ts: '2.1', marker: 'm1' }))).toEqual(['double_message']);
  expect(
    violationsAfter((facts, ledger) => {
      facts.slack.push({ ts: '2.1', marker: 'm1' });
      ledger.lost.messages.set('m1', 1);
    }),
  ).toEqual([]);
});

test('a ticket must have exactly one note about the end of its episode', () => {
  expect(violationsAfter((facts) => facts.freescout[0]?.notes.splice(0))).toEqual(['missing_note']);
  expect(violationsAfter((facts) => facts.freescout[0]?.notes.push(...(facts.freescout[0]?.notes ?? [])))).toEqual([
    'double_note',
  ]);
});

test('dead letters, parked actors, error lines and tickets filed while the flag is off are violations', () => {
  expect(violationsAfter((facts) => facts.dead.push('sendDm x'))).toEqual(['dead_letter']);
  expect(violationsAfter((facts) => facts.parked.push('alert:x: broken'))).toEqual(['parked']);
  expect(
    violationsAfter((facts) =>
      facts.audits.push({ action: 'console.surfaces.maintenance_started', payload: { surface_id: 'parked' } }),
    ),
  ).toEqual(['wrong_audit']);
  expect(
    violationsAfter((_, __, complaints) => complaints.push({ process: 'web-1', what: 'error_line', text: '' })),
  ).toEqual(['error_line']);
  expect(violationsAfter((_, ledger) => ledger.flagOff.push({ from: 25_000, until: 35_000 }))).toEqual([
    'filed_while_off',
  ]);
});
