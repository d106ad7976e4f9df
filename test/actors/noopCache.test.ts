import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { startSampleHosts, to } from '../support/sampleHosts.ts';

let hosts: Awaited<ReturnType<typeof startSampleHosts>>;
let host: ReturnType<typeof hosts.host>;
beforeAll(async () => {
  hosts = await startSampleHosts();
});
beforeEach(() => {
  host = hosts.host();
});
afterAll(() => hosts.close());

/** Everything in the database that a delivery could have touched. */
const trace = async (id: string) => ({
  row: (await hosts.pool.query('select rev, xmin::text, updated_at from actors where id = $1', [id])).rows,
  history: await hosts.count('actor_history where actor_id = $1', id),
  jobs: await hosts.count('graphile_worker._private_jobs'),
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

it('no row is created for an actor whose first event changes nothing', async () => {
  expect(
    (await host.deliver([to('toy:never', { type: 'CALM' }), to('toy:never', { type: 'SEE', n: 0 })]))[1]?.applied,
  ).toBe('unchanged');
  expect(await hosts.row('toy:never')).toBeUndefined();
});

it('a remembered event is applied again once the actor has changed, in this or another process', async () => {
  await host.deliver([to('toy:moved', { type: 'SEE', n: 3 })]);
  await host.deliver([to('toy:moved', { type: 'SEE', n: 3 })]);
  await hosts.host().deliver([to('toy:moved', { type: 'ADD', by: 1 })]);
  expect((await host.deliver([to('toy:moved', { type: 'SEE', n: 3 })]))[0]?.applied).toBe('changed');
});

it('an event that causes an action is never answered from memory', async () => {
  for (const _ of [1, 2, 3]) await host.deliver([to('toy:says', { type: 'NOTE', text: 'here' })]);
  expect(await hosts.count("audit_log where action = 'note' and actor = 'toy:says'")).toBe(3);
  expect(await hosts.row('toy:says')).toMatchObject({ rev: 3 });
});

it('a remembered event after one that has to be applied is applied too', async () => {
  await host.deliver([to('toy:behind', { type: 'SEE', n: 1 })]);
  await host.deliver([to('toy:behind', { type: 'SEE', n: 1 })]);
  const delivered = await host.deliver([
    to('toy:behind', { type: 'SEE', n: 2 }),
    to('toy:behind', { type: 'SEE', n: 1 }),
  ]);
  expect(delivered.map(({ applied }) => applied)).toEqual(['changed', 'changed']);
  expect((await hosts.row('toy:behind'))?.snapshot.context.n).toBe(1);
});

it('remembered events among other events are answered as unchanged', async () => {
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
