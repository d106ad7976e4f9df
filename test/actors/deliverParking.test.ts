import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type AnyMachineSnapshot, assign, setup } from 'xstate';
import type { PersistedSnapshot } from '../../src/actors/registry.ts';
import { eventually } from '../support/eventually.ts';
import { startSampleHosts, to } from '../support/sampleHosts.ts';
import { sampleEntry, sampleMachine } from '../support/sampleMachine.ts';

let hosts: Awaited<ReturnType<typeof startSampleHosts>>;
beforeAll(async () => {
  hosts = await startSampleHosts();
});
afterAll(() => hosts.close());

/** The next release, in which what exploded is mended. */
const mended = {
  ...sampleEntry,
  machine: sampleMachine.provide({ actions: { explode: assign(({ context }) => ({ n: context.n + 100 })) } }),
};

it('a machine that throws parks only its own actor, and the event is held for it', async () => {
  const host = hosts.host();
  await host.deliver([to('toy:bad', { type: 'ADD', by: 1 }), to('toy:good', { type: 'ADD', by: 1 })]);
  const delivered = await host.deliver([to('toy:bad', { type: 'BOOM' }), to('toy:good', { type: 'ADD', by: 1 })]);
  expect(delivered.map(({ applied }) => applied)).toEqual(['held', 'changed']);
  expect(await hosts.row('toy:bad')).toMatchObject({
    rev: 1,
    parked: 'event BOOM failed: it exploded',
    snapshot: { context: { n: 1 } },
  });
  expect(await hosts.row('toy:good')).toMatchObject({ rev: 2, parked: null });
  expect(hosts.lines).toContainEqual(
    expect.objectContaining({ level: 'ERROR', msg: 'actor parked', actor_id: 'toy:bad' }),
  );
});

it('events for a parked actor are held, and applied in order by a release that can restore it', async () => {
  await hosts.host().deliver([to('toy:kept', { type: 'ADD', by: 1 })]);
  await hosts.host().deliver([to('toy:kept', { type: 'BOOM' })]);
  expect((await hosts.host().deliver([to('toy:kept', { type: 'SEE', n: 7 }, 'seen')]))[0]?.applied).toBe('held');
  await hosts.host().deliver([to('toy:kept', { type: 'ADD', by: 1 }, 'added')]);
  expect(await hosts.count("held_events where actor_id = 'toy:kept'")).toBe(3);

  const next = hosts.host({ entries: [mended] });
  await next.revive();
  expect(await hosts.row('toy:kept')).toMatchObject({ parked: null, rev: 4, snapshot: { context: { n: 8 } } });
  expect(await hosts.count("held_events where actor_id = 'toy:kept'")).toBe(0);
  expect((await next.deliver([to('toy:kept', { type: 'ADD', by: 1 }, 'added')]))[0]?.applied).toBe('duplicate');
});

it('steps of an actor before the event that parks it are kept', async () => {
  await hosts
    .host()
    .deliver([
      to('toy:half', { type: 'ADD', by: 5 }),
      to('toy:half', { type: 'NOTE', text: 'said' }),
      to('toy:half', { type: 'BOOM' }),
      to('toy:half', { type: 'ADD', by: 1 }),
    ]);
  expect(await hosts.row('toy:half')).toMatchObject({
    rev: 2,
    snapshot: { context: { n: 5 } },
    parked: expect.stringContaining('BOOM'),
  });
  await hosts.host({ entries: [mended] }).revive();
  expect(await hosts.row('toy:half')).toMatchObject({ rev: 4, snapshot: { context: { n: 106 } }, parked: null });
});

it('an actor that throws at its first event is shown as parked, and can be revived', async () => {
  await hosts.host().deliver([to('toy:born-bad', { type: 'BOOM' })]);
  expect(await hosts.row('toy:born-bad')).toMatchObject({ rev: 0, parked: expect.stringContaining('it exploded') });
  await hosts.host({ entries: [mended] }).revive();
  expect(await hosts.row('toy:born-bad')).toMatchObject({ rev: 1, parked: null, snapshot: { context: { n: 100 } } });
});

it('an actor that throws again when revived stays parked, and keeps its held events', async () => {
  const host = hosts.host();
  await host.deliver([to('toy:still', { type: 'BOOM' }), to('toy:still', { type: 'ADD', by: 3 })]);
  await host.revive();
  expect(await hosts.row('toy:still')).toMatchObject({ parked: expect.stringContaining('it exploded') });
  expect(await hosts.count("held_events where actor_id = 'toy:still'")).toBe(2);
  await hosts.host({ entries: [mended] }).revive();
  expect(await hosts.row('toy:still')).toMatchObject({ parked: null, snapshot: { context: { n: 103 } } });
});

it('two processes that revive an actor at once apply its held events once', async () => {
  await hosts.host().deliver([to('toy:twice', { type: 'BOOM' }), to('toy:twice', { type: 'ADD', by: 1 })]);
  await Promise.all([1, 2, 3].map(() => hosts.host({ entries: [mended] }).revive()));
  expect(await hosts.row('toy:twice')).toMatchObject({ parked: null, snapshot: { context: { n: 101 } } });
});

it('an actor whose snapshot cannot be restored is parked with the reason, and restored by a release that can', async () => {
  const host = hosts.host();
  await host.deliver([to('toy:torn', { type: 'ADD', by: 4 })]);
  await hosts.pool.query(`update actors set snapshot = jsonb_set(snapshot, '{value}', '"gone"') where id = 'toy:torn'`);
  expect((await host.deliver([to('toy:torn', { type: 'ADD', by: 1 })]))[0]?.applied).toBe('held');
  expect(await hosts.row('toy:torn')).toMatchObject({
    rev: 1,
    parked: expect.stringMatching(/^"toy" version 1 does not restore: .*gone/),
    snapshot: { value: 'gone', context: { n: 4 } },
  });
  const version2 = {
    ...sampleEntry,
    version: 2,
    migrations: { 1: (snapshot: AnyMachineSnapshot) => ({ ...snapshot, value: 'idle' }) },
  };
  await hosts.host({ entries: [version2 as never] }).revive();
  expect(await hosts.row('toy:torn')).toMatchObject({ parked: null, version: 2, snapshot: { context: { n: 5 } } });
});

it('an actor whose migration throws is parked, and holds up no other actor', async () => {
  const host = hosts.host();
  await host.deliver([to('toy:odd', { type: 'ADD', by: 4 }), to('toy:even', { type: 'ADD', by: 4 })]);
  await hosts.pool.query("update actors set snapshot = snapshot - 'context' where id = 'toy:odd'");
  const migrate = ({ context, ...rest }: PersistedSnapshot) => ({ ...rest, context: { ...context, n: context.n } });
  const next = hosts.host({ entries: [{ ...sampleEntry, version: 2, migrations: { 1: migrate } }] });
  const delivered = await next.deliver([to('toy:odd', { type: 'ADD', by: 1 }), to('toy:even', { type: 'ADD', by: 1 })]);
  expect(delivered.map(({ applied }) => applied)).toEqual(['held', 'changed']);
  expect(await hosts.row('toy:odd')).toMatchObject({
    version: 1,
    parked: expect.stringMatching(/^"toy" version 1 does not restore: TypeError/),
  });
  // Nor does it prevent the start of a process.
  await next.revive();
  expect(await hosts.count("held_events where actor_id = 'toy:odd'")).toBe(1);
});

it('an actor whose revival the database refuses stays parked, and does not prevent others from being revived', async () => {
  await hosts.pool.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
    create trigger refuse before update on actors for each row when (old.parked is not null and old.id = 'toy:1-refused')
      execute function refuse()`);
  onTestFinished(async () => void (await hosts.pool.query('drop function refuse cascade')));
  await hosts.host().deliver([to('toy:1-refused', { type: 'BOOM' }), to('toy:2-behind', { type: 'BOOM' })]);
  await hosts.host({ entries: [mended] }).revive();
  expect(await hosts.row('toy:1-refused')).toMatchObject({ parked: expect.any(String) });
  expect(await hosts.row('toy:2-behind')).toMatchObject({ parked: null });
  expect(hosts.lines).toContainEqual(
    expect.objectContaining({ msg: 'parked actor not restored; it stays parked', actor_id: 'toy:1-refused' }),
  );
});

it('a parked actor of an unknown kind does not prevent others from being revived', async () => {
  const other = {
    ...sampleEntry,
    kind: 'alien',
    machine: setup({
      actions: {
        boom: assign(() => {
          throw new Error('no');
        }),
      },
    }).createMachine({ on: { GO: { actions: 'boom' } } }),
  };
  await hosts.host({ entries: [other] }).deliver([{ to: 'alien:1', event: { type: 'GO' } }]);
  await hosts.host().deliver([to('toy:after-alien', { type: 'BOOM' })]);
  await hosts.host({ entries: [mended] }).revive();
  expect(await hosts.row('toy:after-alien')).toMatchObject({ parked: null });
  expect(await hosts.row('alien:1')).toMatchObject({ parked: expect.any(String) });
});

it('results of effects and timers of a parked actor are applied once it is revived', async () => {
  const handlers = { work: { run: async () => 'meanwhile', patience: () => null } };
  await hosts.host().deliver([to('toy:works', { type: 'WORK' }), to('toy:waits', { type: 'WAIT' })]);
  await hosts.host().deliver([to('toy:works', { type: 'BOOM' }), to('toy:waits', { type: 'BOOM' })]);
  const host = hosts.host({ handlers });
  host.start('all');
  await hosts.hurry('timer:toy:waits:%');
  await eventually(async () =>
    expect(await hosts.count("held_events where actor_id in ('toy:works', 'toy:waits')")).toBe(4),
  );
  await hosts.host({ entries: [mended] }).revive();
  expect(await hosts.row('toy:works')).toMatchObject({ parked: null, snapshot: { context: { answer: 'meanwhile' } } });
  expect(await hosts.row('toy:waits')).toMatchObject({
    parked: null,
    state: 'idle',
    snapshot: { context: { fired: 1 } },
  });
  expect(await hosts.effect('toy:works')).toMatchObject({ status: 'done' });
});
