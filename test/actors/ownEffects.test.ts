import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { EffectRun } from '../../src/actors/effectRunner.ts';
import { eventually } from '../support/eventually.ts';
import { startSampleHosts, to } from '../support/sampleHosts.ts';

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
