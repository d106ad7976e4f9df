import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { PartlyDelivered } from '../../src/actors/messages.ts';
import { startSampleHosts, to } from '../support/sampleHosts.ts';

let toys: Awaited<ReturnType<typeof startSampleHosts>>;
beforeAll(async () => {
  toys = await startSampleHosts();
});
afterEach(() => toys.stop());
afterAll(() => toys.close());

const ids = ['toy:a', 'toy:stuck', 'toy:z'];
const addOne = (id: string) => to(id, { type: 'ADD', by: 1 });

it('a batch is delivered to every actor but the one that another transaction holds, and that one can be repeated', async () => {
  const host = toys.host();
  await host.deliver(ids.map(addOne));
  const stuck = await toys.pool.connect();
  await stuck.query('begin; set local idle_in_transaction_session_timeout = 0');
  await stuck.query("select from actors where id = 'toy:stuck' for update");

  const error = await host.deliver(ids.map(addOne)).catch((thrown: unknown) => thrown);
  if (!(error instanceof PartlyDelivered)) throw error;
  expect(error.delivered.map(({ message }) => message.to)).toEqual(['toy:a', 'toy:z']);
  expect(await toys.row('toy:z')).toMatchObject({ snapshot: { context: { n: 2 } } });

  await stuck.query('rollback');
  stuck.release();
  await host.deliver(error.undelivered);
  expect(await toys.row('toy:stuck')).toMatchObject({ snapshot: { context: { n: 2 } } });
});

it('a transaction that stands still is ended by the database, and its rows are free', async () => {
  const host = toys.host({ poolSize: 2 });
  await host.deliver([addOne('toy:paused')]);
  const paused = await host.pool.connect();
  const ended = new Promise((resolve) => paused.once('error', resolve));
  await paused.query("begin; select from actors where id = 'toy:paused' for update");
  await ended;
  paused.release(true);
  await host.deliver([addOne('toy:paused')]);
  expect(await toys.row('toy:paused')).toMatchObject({ snapshot: { context: { n: 2 } } });
});
