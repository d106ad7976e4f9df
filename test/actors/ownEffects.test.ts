import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { EffectRun } from '../../src/actors/effectRunner.ts';
import { startLocalEffects } from '../../src/actors/localEffects.ts';
import type { NewEffect } from '../../src/actors/newEffects.ts';
import { createRegistry } from '../../src/actors/registry.ts';
import { createLog } from '../../src/log/log.ts';
import { eventually } from '../support/eventually.ts';
import { startSampleHosts, to } from '../support/sampleHosts.ts';
import { sampleEntry } from '../support/sampleMachine.ts';

/** A process that runs no jobs but urgent ones, as `web` does, and the effects of its own deliveries. */

let hosts: Awaited<ReturnType<typeof startSampleHosts>>;
beforeAll(async () => {
  hosts = await startSampleHosts();
});
afterEach(() => hosts.stop());
afterAll(() => hosts.close());

const PLACES = 4;
/** Its result is who held its job while it ran. */
const handlers = {
  work: {
    run: async (_input: unknown, { effectId }: EffectRun) =>
      (
        await hosts.pool.query<{ locked_by: string }>(
          'select locked_by from graphile_worker._private_jobs where key = $1',
          [`effect:${effectId}`],
        )
      ).rows[0]?.locked_by,
    patience: () => null,
  },
};
const pending = (name: string) => hosts.count("effects where actor_id like $1 and status = 'pending'", `toy:${name}%`);
const done = (name: string) => hosts.count("effects where actor_id like $1 and status = 'done'", `toy:${name}%`);

it('such a process runs a single effect that it commits right after the commit', async () => {
  const web = hosts.host({ handlers, isBusy: () => false });
  web.start('urgent');
  await web.deliver([to('toy:single', { type: 'WORK' })]);
  await eventually(async () => expect(await done('single')).toBe(1));
  expect((await hosts.effect('toy:single'))?.result).toMatch(/^effects \w+$/);
});

it('no worker of the queue is woken for an effect that begins in its own process', async () => {
  const listener = new pg.Client({ connectionString: hosts.url });
  await listener.connect();
  const heard: (string | undefined)[] = [];
  listener.on('notification', ({ payload }) => heard.push(payload));
  await listener.query('listen "jobs:insert"');
  const web = hosts.host({ handlers, isBusy: () => false });
  web.start('urgent');
  await web.deliver([to('toy:quiet', { type: 'WORK' })]);
  await eventually(async () => expect(await done('quiet')).toBe(1));
  await hosts.pool.query("select pg_notify('jobs:insert', 'end')");
  await expect.poll(() => heard).toContain('end');
  await listener.end();
  expect(heard).toEqual(['end']);
});

it('a burst beyond its places is left to the workers, and its next single effect begins at once', async () => {
  const web = hosts.host({ handlers, isBusy: () => false });
  web.start('urgent');
  const burst = Array.from({ length: PLACES + 1 }, (_, n) => to(`toy:burst-${n}`, { type: 'WORK' }));
  await web.deliver(burst);
  expect(await pending('burst')).toBe(PLACES + 1);
  await web.deliver([to('toy:after', { type: 'WORK' })]);
  await eventually(async () => expect(await done('after')).toBe(1));
  hosts.host({ handlers }).start('all');
  await eventually(async () => expect(await done('burst')).toBe(PLACES + 1));
});

it('effects that it has no access for, or for which its event loop is too busy, are left to the workers', async () => {
  const [blind, busy] = [
    hosts.host({ handlers, canRun: () => false, isBusy: () => false }),
    hosts.host({ handlers, isBusy: () => true }),
  ];
  for (const [name, web] of Object.entries({ blind, busy })) {
    web.start('urgent');
    await web.deliver([to(`toy:${name}`, { type: 'WORK' })]);
    expect(await pending(name), name).toBe(1);
  }
  hosts.host({ handlers }).start('all');
  await eventually(async () => expect([await done('blind'), await done('busy')]).toEqual([1, 1]));
});

it('many effects that a process has no access for are decided in a batch as soon as they are committed', async () => {
  const writer = hosts.host();
  await writer.deliver(Array.from({ length: 9 }, (_, n) => to(`toy:undecided-${n}`, { type: 'WORK' })));
  const { rows: added } = await hosts.pool.query<NewEffect>(
    "select id, actor_id, child_id, src, input, version from effects where actor_id like 'toy:undecided-%'",
  );
  const decide = vi.fn(async (effects: readonly { id: string }[]) => new Map(effects.map(({ id }) => [id, 'decided'])));
  const run = vi.fn();
  // Without the workers of a host, so that nothing but the commit begins the batch.
  const local = startLocalEffects({
    ...{ pool: hosts.pool, databaseUrl: hosts.url, registry: createRegistry([sampleEntry]), deliver: writer.deliver },
    handlers: { work: { ...handlers.work, decide } },
    runner: { run, runBegun: run },
    concurrency: { urgent: 1, other: 2 },
    share: 'all',
    canRun: () => false,
    ...{ log: createLog({ level: 'silent' }), signal: new AbortController().signal },
  });
  local.begin(added)?.committed();
  await eventually(async () => expect(await done('undecided')).toBe(9));
  await local.stop();
  expect(decide).toHaveBeenCalledOnce();
  expect(run).not.toHaveBeenCalled();
});

it('a stopping process ends the effects that it began, and begins no more', async () => {
  const gates: (() => void)[] = [];
  const run = () => new Promise<string>((resolve) => gates.push(() => resolve('ended')));
  const web = hosts.host({ handlers: { work: { run, patience: () => null } }, isBusy: () => false });
  web.start('urgent');
  await web.deliver([to('toy:draining', { type: 'WORK' })]);
  await expect.poll(() => gates.length).toBe(1);
  // The grace period is longer than the test needs.
  const stopped = web.stop(60_000);
  gates[0]?.();
  await stopped;
  expect(await hosts.effect('toy:draining')).toMatchObject({ status: 'done', attempts: 1 });
});
