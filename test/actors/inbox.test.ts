import { afterAll, beforeAll, expect, it } from 'vitest';
import { leaveInInbox } from '../../src/actors/enqueue.ts';
import { transaction } from '../../src/db/pool.ts';
import { eventually } from '../support/eventually.ts';
import { startSampleHosts, to } from '../support/sampleHosts.ts';
import { sampleEntry } from '../support/sampleMachine.ts';

let toys: Awaited<ReturnType<typeof startSampleHosts>>;
beforeAll(async () => {
  toys = await startSampleHosts();
});
afterAll(() => toys.close());

const leave = (id: string, ...eventIds: string[]) =>
  transaction(toys.pool, (client) =>
    leaveInInbox(
      client,
      eventIds.map((eventId) => ({ ...to(id, { type: 'ADD', by: 1 }), eventId })),
    ),
  );
const waiting = (id: string) => toys.count('inbox where actor_id = $1', id);
/** Jobs that only a process of that release takes. */
const jobsOf = (version: number) =>
  toys.count(
    'graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = $1',
    `inbox toy ${version}`,
  );
const adds = (id: string) =>
  toys.count("actor_history where actor_id = $1 and event->>'type' = 'ADD' and event_id is not null", id);

it('all that waits for an actor reaches it in one transaction, in the order in which it was left', async () => {
  for (let n = 0; n < 40; n++) await leave('toy:busy', `m${n}`);
  toys.host().start('all');
  await eventually(async () => expect(await waiting('toy:busy')).toBe(0));
  expect(await toys.row('toy:busy')).toMatchObject({ rev: 40, snapshot: { context: { n: 40 } } });
  const { rows } = await toys.pool.query(
    "select event_id, at from actor_history where actor_id = 'toy:busy' order by id",
  );
  expect(rows.map(({ event_id }) => event_id)).toEqual(Array.from({ length: 40 }, (_, n) => `m${n}`));
  expect(new Set(rows.map(({ at }) => at.toISOString())).size).toBe(1);
});

it('what many transactions leave at the same time, while three processes hand it over, arrives once each', async () => {
  for (let n = 0; n < 3; n++) toys.host().start('all');
  const writer = async (_: unknown, w: number) => {
    for (let n = 0; n < 15; n++) await leave('toy:storm', `s${w}-${n}`);
  };
  await Promise.all(Array.from({ length: 8 }, writer));
  await eventually(async () => expect(await adds('toy:storm')).toBe(120));
  expect(await toys.row('toy:storm')).toMatchObject({ snapshot: { context: { n: 120 } } });
  expect(await waiting('toy:storm')).toBe(0);
});

it('a message that arrived already under its id is dropped', async () => {
  await toys.host().deliver([to('toy:twice', { type: 'ADD', by: 1 }, 'same')]);
  await leave('toy:twice', 'same');
  await eventually(async () => expect(await waiting('toy:twice')).toBe(0));
  expect(await toys.row('toy:twice')).toMatchObject({ snapshot: { context: { n: 1 } } });
});

it('what waits for an actor of a newer release stays until a process of that release takes it', async () => {
  await toys.stop();
  const newer = toys.host({ entries: [{ ...sampleEntry, version: sampleEntry.version + 1 }] });
  await newer.deliver([to('toy:newer', { type: 'ADD', by: 1 })]);
  const older = toys.host();
  older.start('all');
  await leave('toy:newer', 'later');
  await eventually(async () => expect(await jobsOf(sampleEntry.version + 1)).toBe(1));
  expect(await toys.row('toy:newer')).toMatchObject({ snapshot: { context: { n: 1 } } });
  // The older process goes on, and does not get in its way.
  newer.start('all');
  await eventually(async () => expect(await toys.row('toy:newer')).toMatchObject({ snapshot: { context: { n: 2 } } }));
  await eventually(async () => expect(await jobsOf(sampleEntry.version + 1)).toBe(0));
  await older.stop(50);
});
