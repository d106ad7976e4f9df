import { expect, it } from 'vitest';
import type { Applied, Delivered } from '../../src/actors/messages.ts';
import { createOwnAnswers } from '../../src/surfaces/ownAnswers.ts';

/** A delivery to a surface that answered these clicks. */
const delivered = (clickIds: string[], applied: Applied = 'changed'): Delivered => ({
  message: { to: 'surface:api', event: { type: 'INVESTIGATE' } },
  applied,
  snapshot: null,
  before: null,
  rev: 1,
  actions: [
    { name: 'audit', params: [{ action: 'console.status.ticket_filed' }] },
    { name: 'answer', params: clickIds.map((clickId) => ({ clickId, body: { ticket_id: 7, error: undefined } })) },
  ],
});

/** The answers that each of these clicks got. */
function waiting(answers: ReturnType<typeof createOwnAnswers>, ...clickIds: string[]) {
  const got = new Map<string, unknown[]>(clickIds.map((id) => [id, []]));
  const stops = clickIds.map((id) => answers.on(id, (body) => void got.get(id)?.push(body)));
  return { got, stops };
}

it('a click that waits in this process gets the answer of a delivery of this process, as it is stored', () => {
  const answers = createOwnAnswers();
  const { got } = waiting(answers, 'a', 'b');
  answers.onDelivered([delivered(['b', 'unheard of'])]);
  expect(got.get('a')).toEqual([]);
  expect(got.get('b')).toStrictEqual([{ ticket_id: 7 }]);
});

it('a click gets no answer from a delivery that changed nothing', () => {
  const answers = createOwnAnswers();
  const { got } = waiting(answers, 'a');
  for (const applied of ['unchanged', 'duplicate', 'stale', 'held'] as const)
    answers.onDelivered([delivered(['a'], applied)]);
  expect(got.get('a')).toEqual([]);
});

it('a click that waits no longer gets no answer', () => {
  const answers = createOwnAnswers();
  const { got, stops } = waiting(answers, 'a', 'b');
  stops[0]?.();
  answers.onDelivered([delivered(['a', 'b'])]);
  expect([...got.values()].map((each) => each.length)).toEqual([0, 1]);
});
