import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { startSampleHosts, to } from '../support/sampleHosts.ts';

let toys: Awaited<ReturnType<typeof startSampleHosts>>;
let host: ReturnType<typeof toys.host>;
beforeAll(async () => {
  toys = await startSampleHosts();
});
beforeEach(() => {
  host = toys.host();
});
afterAll(() => toys.close());

/** Everything in the database that a delivery could have touched. */
const trace = async (id: string) => ({
  row: (await toys.pool.query('select rev, xmin::text, updated_at from actors where id = $1', [id])).rows,
  history: await toys.count('actor_history where actor_id = $1', id),
  jobs: await toys.count('graphile_worker._private_jobs'),
});

it('an event that changes nothing writes nothing, and is answered from memory the next time', async () => {
  await host.deliver([to('toy:calm', { type: 'SEE', n: 3 })]);
  const before = await trace('toy:calm');
  expect((await host.deliver([to('toy:calm', { type: 'SEE', n: 3 })]))[0]?.applied).toBe('unchanged');

  const connections = vi.spyOn(host.pool, 'connect');
  const [again] = await host.deliver([to('toy:calm', { type: 'SEE', n: 3 })]);
  expect(again).toMatchObject({ applied: 'unchanged', rev: 1, snapshot: { context: { n: 3 } } });
  // A plain query asks for a connection with a callback, a transaction without one.
  expect(connections.mock.calls.map((args: unknown[]) => typeof args[0])).toEqual(['function']);
  expect(await trace('toy:calm')).toEqual(before);
});

it('nothing is made for an actor whose first event changes nothing', async () => {
  expect(
    (await host.deliver([to('toy:never', { type: 'CALM' }), to('toy:never', { type: 'SEE', n: 0 })]))[1]?.applied,
  ).toBe('unchanged');
  expect(await toys.row('toy:never')).toBeUndefined();
});

it('a remembered event is weighed anew once the actor has moved, here or in another process', async () => {
  await host.deliver([to('toy:moved', { type: 'SEE', n: 3 })]);
  await host.deliver([to('toy:moved', { type: 'SEE', n: 3 })]);
  await toys.host().deliver([to('toy:moved', { type: 'ADD', by: 1 })]);
  expect((await host.deliver([to('toy:moved', { type: 'SEE', n: 3 })]))[0]?.applied).toBe('changed');
});

it('an event that says something is never answered from memory', async () => {
  for (const _ of [1, 2, 3]) await host.deliver([to('toy:says', { type: 'NOTE', text: 'here' })]);
  expect(await toys.count("audit_log where action = 'note' and actor = 'toy:says'")).toBe(3);
  expect(await toys.row('toy:says')).toMatchObject({ rev: 3 });
});

it('events behind one that has to be applied wait for it, remembered or not', async () => {
  await host.deliver([to('toy:behind', { type: 'SEE', n: 1 })]);
  await host.deliver([to('toy:behind', { type: 'SEE', n: 1 })]);
  const delivered = await host.deliver([
    to('toy:behind', { type: 'SEE', n: 2 }),
    to('toy:behind', { type: 'SEE', n: 1 }),
  ]);
  expect(delivered.map(({ applied }) => applied)).toEqual(['changed', 'changed']);
  expect((await toys.row('toy:behind'))?.snapshot.context.n).toBe(1);
});

it('steady events among others are answered as steady', async () => {
  await host.deliver([to('toy:steady', { type: 'SEE', n: 1 })]);
  await host.deliver([to('toy:steady', { type: 'SEE', n: 1 })]);
  const before = await trace('toy:steady');
  const delivered = await host.deliver([
    to('toy:steady', { type: 'SEE', n: 1 }),
    to('toy:lively', { type: 'ADD', by: 1 }),
  ]);
  expect(Object.fromEntries(delivered.map(({ message, applied }) => [message.to, applied]))).toEqual({
    'toy:steady': 'unchanged',
    'toy:lively': 'changed',
  });
  expect((await trace('toy:steady')).row).toEqual(before.row);
});
