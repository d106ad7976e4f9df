import { afterEach, beforeEach, expect, it } from 'vitest';
import { leaveInInbox } from '../../src/actors/enqueue.ts';
import { transaction } from '../../src/db/pool.ts';
import { eventually } from '../support/eventually.ts';
import { startSampleHosts, to } from '../support/sampleHosts.ts';
import { sampleEntry } from '../support/sampleMachine.ts';

let hosts: Awaited<ReturnType<typeof startSampleHosts>>;
beforeEach(async () => {
  hosts = await startSampleHosts();
});
afterEach(() => hosts.close());

const leave = (id: string, ...eventIds: string[]) =>
  transaction(hosts.pool, (client) =>
    leaveInInbox(
      client,
      eventIds.map((eventId) => ({ ...to(id, { type: 'ADD', by: 1 }), eventId })),
    ),
  );
const waiting = (id: string) => hosts.count('inbox where actor_id = $1', id);
/** Jobs that only a process of that release takes. */
const jobsOf = (version: number) =>
  hosts.count(
    'graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = $1',
    `inbox toy ${version}`,
  );
const adds = (id: string) =>
  hosts.count("actor_history where actor_id = $1 and event->>'type' = 'ADD' and event_id is not null", id);

it('all inbox messages of an actor are delivered in one transaction, in their order', async () => {
  for (let n = 0; n < 40; n++) await leave('toy:busy', `m${n}`);
  hosts.host().start('all');
  await eventually(async () => expect(await waiting('toy:busy')).toBe(0));
  expect(await hosts.row('toy:busy')).toMatchObject({ rev: 40, snapshot: { context: { n: 40 } } });
  const { rows } = await hosts.pool.query(
    "select event_id, at from actor_history where actor_id = 'toy:busy' order by id",
  );
  expect(rows.map(({ event_id }) => event_id)).toEqual(Array.from({ length: 40 }, (_, n) => `m${n}`));
  expect(new Set(rows.map(({ at }) => at.toISOString())).size).toBe(1);
});

it('messages from many transactions, delivered by three processes, arrive once each', async () => {
  for (let n = 0; n < 3; n++) hosts.host().start('all');
  const writer = async (_: unknown, w: number) => {
    for (let n = 0; n < 15; n++) await leave('toy:storm', `s${w}-${n}`);
  };
  await Promise.all(Array.from({ length: 8 }, writer));
  await eventually(async () => expect(await adds('toy:storm')).toBe(120));
  expect(await hosts.row('toy:storm')).toMatchObject({ snapshot: { context: { n: 120 } } });
  expect(await waiting('toy:storm')).toBe(0);
});

it('an inbox message whose id was applied already is dropped', async () => {
  const host = hosts.host();
  host.start('all');
  await host.deliver([to('toy:twice', { type: 'ADD', by: 1 }, 'same')]);
  await leave('toy:twice', 'same');
  await eventually(async () => expect(await waiting('toy:twice')).toBe(0));
  expect(await hosts.row('toy:twice')).toMatchObject({ snapshot: { context: { n: 1 } } });
});

it('inbox messages for an actor of a newer release wait for a process of that release', async () => {
  const newer = hosts.host({ entries: [{ ...sampleEntry, version: sampleEntry.version + 1 }] });
  await newer.deliver([to('toy:newer', { type: 'ADD', by: 1 })]);
  const older = hosts.host();
  older.start('all');
  await leave('toy:newer', 'later');
  await eventually(async () => expect(await jobsOf(sampleEntry.version + 1)).toBe(1));
  expect(await hosts.row('toy:newer')).toMatchObject({ snapshot: { context: { n: 1 } } });
  // The older process goes on, and does not get in its way.
  newer.start('all');
  await eventually(async () => expect(await hosts.row('toy:newer')).toMatchObject({ snapshot: { context: { n: 2 } } }));
  await eventually(async () => expect(await jobsOf(sampleEntry.version + 1)).toBe(0));
  await older.stop(50);
});
