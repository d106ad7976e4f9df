import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import type { MachineEntry, PersistedSnapshot } from '../../src/actors/registry.ts';
import { eventually } from '../support/eventually.ts';
import { startSampleHosts, to } from '../support/sampleHosts.ts';
import { sampleEntry, sampleMachine } from '../support/sampleMachine.ts';

let hosts: Awaited<ReturnType<typeof startSampleHosts>>;
beforeAll(async () => {
  hosts = await startSampleHosts();
});
afterEach(() => hosts.stop());
afterAll(() => hosts.close());

const withContext = (more: Record<string, unknown>) => (snapshot: PersistedSnapshot) => ({
  ...snapshot,
  context: { ...snapshot.context, ...more },
});
/** The next releases: each knows one field more. */
const second: MachineEntry = {
  ...sampleEntry,
  version: 2,
  machine: createMachine(
    { ...sampleMachine.config, context: { ...sampleMachine.config.context, colour: 'blue' } } as never,
    sampleMachine.implementations as never,
  ),
  migrations: { 1: withContext({ colour: 'blue' }) },
};
const third: MachineEntry = {
  ...second,
  version: 3,
  migrations: { ...second.migrations, 2: withContext({ size: 9 }) },
};

/** The next release ends its work after a time: its state has a timer that the one before did not arm. */
const timed: MachineEntry = {
  ...sampleEntry,
  version: 2,
  machine: createMachine(
    {
      ...sampleMachine.config,
      states: {
        ...sampleMachine.config.states,
        working: { ...sampleMachine.config.states?.working, after: { rest: 'idle' } },
      },
    } as never,
    sampleMachine.implementations as never,
  ),
  migrations: { 1: (snapshot) => snapshot },
};

it('an actor that was migrated into a state with a timer gets this timer with its next event', async () => {
  await hosts.host().deliver([to('toy:timed', { type: 'WORK' })]);
  const next = hosts.host({ entries: [timed] });
  const timers = () => hosts.count("timers where actor_id = 'toy:timed' and timer_id like '%rest%'");
  await next.deliver([to('toy:timed', { type: 'ADD', by: 0 })]);
  expect(await timers()).toBe(0);
  for (let n = 0; n < 2; n++) await next.deliver([to('toy:timed', { type: 'ADD', by: 1 })]);
  expect(await timers()).toBe(1);
  next.start('all');
  await hosts.hurry('timer:toy:timed:%');
  await eventually(async () => expect(await hosts.row('toy:timed')).toMatchObject({ state: 'idle' }));
});

it('an older process hands the events of an actor that a newer one wrote back to it', async () => {
  const [old, next] = [hosts.host(), hosts.host({ entries: [second] })];
  await old.deliver([to('toy:up', { type: 'ADD', by: 1 })]);
  await next.deliver([to('toy:up', { type: 'ADD', by: 1 })]);
  const [handed] = await old.deliver([
    to('toy:up', { type: 'ADD', by: 10 }, 'kept'),
    to('toy:other', { type: 'ADD', by: 1 }),
  ]);
  expect(handed).toMatchObject({ applied: 'handed_back', snapshot: null });
  expect(await hosts.row('toy:other')).toMatchObject({ rev: 1, version: 1 });

  old.start('all');
  next.start('all');
  await eventually(async () =>
    expect(await hosts.row('toy:up')).toMatchObject({ version: 2, snapshot: { context: { n: 12, colour: 'blue' } } }),
  );
});

it('an event that waits for a newer process is not overtaken by one that comes later', async () => {
  const [old, next] = [hosts.host(), hosts.host({ entries: [second] })];
  await next.deliver([to('toy:order', { type: 'ADD', by: 1 })]);
  await old.deliver([to('toy:order', { type: 'ADD', by: 10 }, 'first')]);
  const delivered = await next.deliver([to('toy:order', { type: 'ADD', by: 100 }, 'second')]);
  expect(delivered.map(({ message }) => message.eventId)).toEqual(['second']);
  const { rows } = await hosts.pool.query(
    "select event_id from actor_history where actor_id = 'toy:order' and event_id is not null order by rev",
  );
  expect(rows.map(({ event_id }) => event_id)).toEqual(['first', 'second']);
});

it('while an event waits for a newer process, that process answers nothing from memory', async () => {
  const [old, next] = [hosts.host(), hosts.host({ entries: [second] })];
  await next.deliver([to('toy:recall', { type: 'ADD', by: 1 })]);
  for (let n = 0; n < 2; n++) await next.deliver([to('toy:recall', { type: 'ADD', by: 0 })]);
  await old.deliver([to('toy:recall', { type: 'ADD', by: 10 }, 'waits')]);
  await next.deliver([to('toy:recall', { type: 'ADD', by: 0 })]);
  expect(await hosts.row('toy:recall')).toMatchObject({ snapshot: { context: { n: 11 } } });
});

it('an event that waits for a newer process is kept whatever text it carries', async () => {
  await hosts.host({ entries: [second] }).deliver([to('toy:text', { type: 'ADD', by: 1 })]);
  const [handed] = await hosts
    .host()
    .deliver([{ to: 'toy:text', event: { type: 'ADD', by: 1, remark: 'a\u0000b\ud800' } }]);
  expect(handed?.applied).toBe('handed_back');
  hosts.host({ entries: [second] }).start('all');
  await eventually(async () => expect(await hosts.row('toy:text')).toMatchObject({ rev: 2 }));
});

it('a snapshot is migrated through every version in between', async () => {
  await hosts.host().deliver([to('toy:far', { type: 'ADD', by: 4 })]);
  await hosts.host({ entries: [third] }).deliver([to('toy:far', { type: 'ADD', by: 1 })]);
  expect(await hosts.row('toy:far')).toMatchObject({
    version: 3,
    snapshot: { context: { n: 5, colour: 'blue', size: 9 } },
  });
});

it('a snapshot without a migration is parked, and the reason names the missing migration', async () => {
  await hosts.host().deliver([to('toy:gap', { type: 'ADD', by: 4 })]);
  const gap = { ...third, migrations: { 2: withContext({ size: 9 }) } };
  expect((await hosts.host({ entries: [gap] }).deliver([to('toy:gap', { type: 'ADD', by: 1 })]))[0]?.applied).toBe(
    'held',
  );
  expect(await hosts.row('toy:gap')).toMatchObject({ parked: 'no migration of "toy" from version 1 to 2', version: 1 });
  await hosts.host({ entries: [third] }).revive();
  expect(await hosts.row('toy:gap')).toMatchObject({ parked: null, version: 3, snapshot: { context: { n: 5 } } });
});

it('a running effect and an armed timer survive a migration', async () => {
  await hosts.host().deliver([to('toy:works', { type: 'WORK' }), to('toy:waits', { type: 'WAIT' })]);
  const next = hosts.host({
    entries: [second],
    handlers: { work: { run: async () => 'of the new release', patience: () => null } },
  });
  await next.deliver([to('toy:works', { type: 'ADD', by: 1 }), to('toy:waits', { type: 'ADD', by: 1 })]);
  next.start('all');
  await hosts.hurry('timer:toy:waits:%');
  await eventually(async () =>
    expect((await hosts.row('toy:works'))?.snapshot.context.answer).toBe('of the new release'),
  );
  await eventually(async () => expect((await hosts.row('toy:waits'))?.snapshot.context.fired).toBe(1));
});

it('the result of an effect of an older process reaches an actor that was migrated meanwhile', async () => {
  let finish: (value: string) => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    const run = () => {
      resolve();
      return new Promise((answer) => {
        finish = answer;
      });
    };
    const old = hosts.host({ handlers: { work: { run, patience: () => null } } });
    old.start('all');
    void old.deliver([to('toy:crossed', { type: 'WORK' })]);
  });
  await begun;
  const next = hosts.host({ entries: [second] });
  await next.deliver([to('toy:crossed', { type: 'ADD', by: 1 })]);
  finish('of the old release');
  next.start('all');
  await eventually(async () =>
    expect((await hosts.row('toy:crossed'))?.snapshot.context.answer).toBe('of the old release'),
  );
  expect(await hosts.effect('toy:crossed')).toMatchObject({ status: 'done', attempts: 1 });
});

it('while two releases run, every event is applied once', async () => {
  const processes = [hosts.host(), hosts.host({ entries: [second] })];
  for (const host of processes) host.start('all');
  await Promise.all(
    Array.from({ length: 16 }, (_, n) =>
      processes[n % 2]?.deliver([to('toy:both', { type: 'ADD', by: 1 }, `event ${n}`)]),
    ),
  );
  await eventually(async () =>
    expect(await hosts.row('toy:both')).toMatchObject({ version: 2, rev: 16, snapshot: { context: { n: 16 } } }),
  );
});
