import { expect, it, vi } from 'vitest';
import type { Message } from '../../src/actors/messages.ts';
import { createClickBatches } from '../../src/surfaces/clickBatches.ts';
import { eventually } from '../support/eventually.ts';

/** Click batches whose deliveries and reads end on demand. */
function pending() {
  const deliveries: { messages: readonly Message[]; end: (error?: Error) => void }[] = [];
  const reads: { ids: string[]; end: (answered: string[]) => void }[] = [];
  const statusOf = vi.fn(async () => 'DOWN');
  const batches = createClickBatches({
    statusOf,
    deliver: (messages) =>
      new Promise((resolve, reject) => {
        deliveries.push({ messages, end: (error) => (error ? reject(error) : resolve([])) });
      }),
    pool: {
      query: (_sql: string, [ids]: [string[]]) =>
        new Promise((resolve) => {
          const rowsOf = (answered: string[]) => answered.map((id) => ({ click_id: id, body: { ticket_id: id } }));
          reads.push({ ids, end: (answered) => resolve({ rows: rowsOf(answered) }) });
        }),
    } as never,
  });
  return { batches, deliveries, reads, statusOf };
}

const idsOf = (messages: readonly Message[] = []) => messages.map(({ eventId }) => eventId);

it('clicks on one surface during a delivery are delivered together in the next one', async () => {
  const { batches, deliveries } = pending();
  const clicks = ['a', 'b', 'c'].map((clickId) => batches.deliver('api', { clickId, by: 'olga' }));
  expect(deliveries.map(({ messages }) => idsOf(messages))).toEqual([['click:a']]);
  deliveries[0]?.end();
  await eventually(() => expect(deliveries).toHaveLength(2));
  expect(idsOf(deliveries[1]?.messages)).toEqual(['click:b', 'click:c']);
  deliveries[1]?.end();
  await Promise.all(clicks);
  expect(deliveries).toHaveLength(2);
});

it('a click on another surface does not wait for a delivery', () => {
  const { batches, deliveries } = pending();
  for (const id of ['api', 'web']) void batches.deliver(id, { clickId: id, by: 'olga' });
  expect(deliveries.map(({ messages }) => messages[0]?.to)).toEqual(['surface:api', 'surface:web']);
});

it('a failed delivery fails its own clicks only', async () => {
  const { batches, deliveries } = pending();
  const first = batches.deliver('api', { clickId: 'a', by: 'olga' });
  const second = batches.deliver('api', { clickId: 'b', by: 'olga' });
  deliveries[0]?.end(new Error('connection lost'));
  await expect(first).rejects.toThrow('connection lost');
  await eventually(() => expect(deliveries).toHaveLength(2));
  expect(idsOf(deliveries[1]?.messages)).toEqual(['click:b']);
  deliveries[1]?.end();
  await second;
});

it('the answers to all waiting clicks are read with one query, and each click gets its own', async () => {
  const { batches, reads } = pending();
  const [first, ...others] = ['a', 'b', 'c'].map((id) => batches.readAnswer(id));
  reads[0]?.end([]);
  expect(await first).toBeNull();
  await eventually(() => expect(reads).toHaveLength(2));
  expect(reads[1]?.ids).toEqual(['b', 'c']);
  reads[1]?.end(['c']);
  expect(await Promise.all(others)).toEqual([null, { ticket_id: 'c' }]);
});

it('clicks on one surface at once share the reads of its status', async () => {
  const { batches, statusOf } = pending();
  expect(await Promise.all(['api', 'api', 'api'].map(batches.statusOf))).toEqual(['DOWN', 'DOWN', 'DOWN']);
  expect(statusOf).toHaveBeenCalledTimes(2);
});
