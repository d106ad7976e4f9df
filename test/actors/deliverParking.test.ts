import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AnyMachineSnapshot, assign, setup } from 'xstate';
import { eventually } from '../support/eventually.ts';
import { startSampleHosts, to } from '../support/sampleHosts.ts';
import { sampleEntry, sampleMachine } from '../support/sampleMachine.ts';

let toys: Awaited<ReturnType<typeof startSampleHosts>>;
beforeAll(async () => {
  toys = await startSampleHosts();
});
afterAll(() => toys.close());

/** The next release, in which what exploded is mended. */
const mended = {
  ...sampleEntry,
  machine: sampleMachine.provide({ actions: { explode: assign(({ context }) => ({ n: context.n + 100 })) } }),
};

it('a machine that throws parks its own actor only, and the event is kept for it', async () => {
  const host = toys.host();
  await host.deliver([to('toy:bad', { type: 'ADD', by: 1 }), to('toy:good', { type: 'ADD', by: 1 })]);
  const delivered = await host.deliver([to('toy:bad', { type: 'BOOM' }), to('toy:good', { type: 'ADD', by: 1 })]);
  expect(delivered.map(({ applied }) => applied)).toEqual(['held', 'changed']);
  expect(await toys.row('toy:bad')).toMatchObject({
    rev: 1,
    parked: 'event BOOM failed: it exploded',
    snapshot: { context: { n: 1 } },
  });
  expect(await toys.row('toy:good')).toMatchObject({ rev: 2, parked: null });
  expect(toys.lines).toContainEqual(
    expect.objectContaining({ level: 'ERROR', msg: 'actor parked', actor_id: 'toy:bad' }),
  );
});

it('a parked actor keeps what comes in, and gets it in its order from a release that can take it', async () => {
  await toys.host().deliver([to('toy:kept', { type: 'ADD', by: 1 })]);
  await toys.host().deliver([to('toy:kept', { type: 'BOOM' })]);
  expect((await toys.host().deliver([to('toy:kept', { type: 'SEE', n: 7 }, 'seen')]))[0]?.applied).toBe('held');
  await toys.host().deliver([to('toy:kept', { type: 'ADD', by: 1 }, 'added')]);
  expect(await toys.count("held_events where actor_id = 'toy:kept'")).toBe(3);

  const next = toys.host({ entries: [mended] });
  await next.revive();
  expect(await toys.row('toy:kept')).toMatchObject({ parked: null, rev: 4, snapshot: { context: { n: 8 } } });
  expect(await toys.count("held_events where actor_id = 'toy:kept'")).toBe(0);
  expect((await next.deliver([to('toy:kept', { type: 'ADD', by: 1 }, 'added')]))[0]?.applied).toBe('duplicate');
});

it('what an actor did earlier in the same batch stands, although a later event parks it', async () => {
  await toys
    .host()
    .deliver([
      to('toy:half', { type: 'ADD', by: 5 }),
      to('toy:half', { type: 'NOTE', text: 'said' }),
      to('toy:half', { type: 'BOOM' }),
      to('toy:half', { type: 'ADD', by: 1 }),
    ]);
  expect(await toys.row('toy:half')).toMatchObject({
    rev: 2,
    snapshot: { context: { n: 5 } },
    parked: expect.stringContaining('BOOM'),
  });
  await toys.host({ entries: [mended] }).revive();
  expect(await toys.row('toy:half')).toMatchObject({ rev: 4, snapshot: { context: { n: 106 } }, parked: null });
});

it('an actor that throws at its very first event is shown as parked, and comes to life later', async () => {
  await toys.host().deliver([to('toy:born-bad', { type: 'BOOM' })]);
  expect(await toys.row('toy:born-bad')).toMatchObject({ rev: 0, parked: expect.stringContaining('it exploded') });
  await toys.host({ entries: [mended] }).revive();
  expect(await toys.row('toy:born-bad')).toMatchObject({ rev: 1, parked: null, snapshot: { context: { n: 100 } } });
});

it('an actor that throws again at its revival stays parked, and nothing that it was sent is lost', async () => {
  const host = toys.host();
  await host.deliver([to('toy:still', { type: 'BOOM' }), to('toy:still', { type: 'ADD', by: 3 })]);
  await host.revive();
  expect(await toys.row('toy:still')).toMatchObject({ parked: expect.stringContaining('it exploded') });
  expect(await toys.count("held_events where actor_id = 'toy:still'")).toBe(2);
  await toys.host({ entries: [mended] }).revive();
  expect(await toys.row('toy:still')).toMatchObject({ parked: null, snapshot: { context: { n: 103 } } });
});

it('two processes that revive at once apply what was kept once', async () => {
  await toys.host().deliver([to('toy:twice', { type: 'BOOM' }), to('toy:twice', { type: 'ADD', by: 1 })]);
  await Promise.all([1, 2, 3].map(() => toys.host({ entries: [mended] }).revive()));
  expect(await toys.row('toy:twice')).toMatchObject({ parked: null, snapshot: { context: { n: 101 } } });
});

it('a snapshot that no longer restores is parked with the reason, kept as it was, and restored by a release that can', async () => {
  const host = toys.host();
  await host.deliver([to('toy:torn', { type: 'ADD', by: 4 })]);
  await toys.pool.query(`update actors set snapshot = jsonb_set(snapshot, '{value}', '"gone"') where id = 'toy:torn'`);
  expect((await host.deliver([to('toy:torn', { type: 'ADD', by: 1 })]))[0]?.applied).toBe('held');
  expect(await toys.row('toy:torn')).toMatchObject({
    rev: 1,
    parked: expect.stringMatching(/^"toy" version 1 does not restore: .*gone/),
    snapshot: { value: 'gone', context: { n: 4 } },
  });
  const version2 = {
    ...sampleEntry,
    version: 2,
    migrations: { 1: (snapshot: AnyMachineSnapshot) => ({ ...snapshot, value: 'idle' }) },
  };
  await toys.host({ entries: [version2 as never] }).revive();
  expect(await toys.row('toy:torn')).toMatchObject({ parked: null, version: 2, snapshot: { context: { n: 5 } } });
});

it('a parked actor of a kind that this release does not know keeps no other from being revived', async () => {
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
  await toys.host({ entries: [other] }).deliver([{ to: 'alien:1', event: { type: 'GO' } }]);
  await toys.host().deliver([to('toy:after-alien', { type: 'BOOM' })]);
  await toys.host({ entries: [mended] }).revive();
  expect(await toys.row('toy:after-alien')).toMatchObject({ parked: null });
  expect(await toys.row('alien:1')).toMatchObject({ parked: expect.any(String) });
});

it('what its effects and timers come to while an actor is parked reaches it once it can go on', async () => {
  const handlers = { work: { run: async () => 'meanwhile', patience: () => null } };
  await toys.host().deliver([to('toy:works', { type: 'WORK' }), to('toy:waits', { type: 'WAIT' })]);
  await toys.host().deliver([to('toy:works', { type: 'BOOM' }), to('toy:waits', { type: 'BOOM' })]);
  const host = toys.host({ handlers });
  host.start('all');
  await toys.hurry('timer:toy:waits:%');
  await eventually(async () =>
    expect(await toys.count("held_events where actor_id in ('toy:works', 'toy:waits')")).toBe(4),
  );
  await toys.host({ entries: [mended] }).revive();
  expect(await toys.row('toy:works')).toMatchObject({ parked: null, snapshot: { context: { answer: 'meanwhile' } } });
  expect(await toys.row('toy:waits')).toMatchObject({
    parked: null,
    state: 'idle',
    snapshot: { context: { fired: 1 } },
  });
  expect(await toys.effect('toy:works')).toMatchObject({ status: 'done' });
});
