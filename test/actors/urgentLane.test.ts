import { expect, test } from 'vitest';
import { effectJob } from '../../src/actors/enqueue.ts';

const surface = { kind: 'surface', urgent: ['fileTicket'] };

test.each([
  ['the filing of a click', { src: 'fileTicket' }, 'urgent_effect'],
  [
    'the filing of a click that is retried while the operator waits',
    { src: 'fileTicket', ageMs: 5_000 },
    'urgent_effect',
  ],
  ['the filing of a click whose answer was given', { src: 'fileTicket', ageMs: 20_000 }, 'effect'],
  ['a look-up after a doubt', { src: 'settleDoubt' }, 'effect'],
  ['a recovery note or missing tags', { src: 'keepTicket' }, 'effect'],
])('%s of a surface runs in the right lane', (_, terms, identifier) => {
  expect(effectJob('1', surface, 1, terms)).toMatchObject({
    identifier: `${identifier} surface 1`,
    priority: identifier === 'effect' ? 0 : -10,
  });
});

test('the filing of an alert is not urgent', () => {
  expect(effectJob('1', { kind: 'alert', urgent: [] }, 4, { src: 'fileTicket' })).toMatchObject({
    identifier: 'effect alert 4',
    priority: 0,
  });
});

test('the filing of a click that release 0.1.0 asked for is urgent, and every release takes it', () => {
  expect(effectJob('1', surface, null, { src: 'fileTicket' })).toMatchObject({ identifier: 'urgent_effect' });
});
