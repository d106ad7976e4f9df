import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { newerSentence, waitingForNewer } from '../../src/actors/newerRelease.ts';
import { createRegistry, type MachineEntry } from '../../src/actors/registry.ts';
import { eventually } from '../support/eventually.ts';
import { startSampleHosts, to } from '../support/sampleHosts.ts';
import { sampleEntry } from '../support/sampleMachine.ts';

let toys: Awaited<ReturnType<typeof startSampleHosts>>;
beforeAll(async () => {
  toys = await startSampleHosts();
});
afterEach(async () => {
  await toys.stop();
  await toys.empty();
});
afterAll(() => toys.close());

/** The next release of the machine, which asks for effects that the older one does not understand. */
const second: MachineEntry = { ...sampleEntry, version: 2, migrations: { 1: (snapshot) => snapshot } };
const worker = () => {
  const run = vi.fn(async () => 'done');
  return { run, handlers: { work: { run, patience: () => null } } };
};
const answer = async (id: string) => (await toys.row(id))?.snapshot.context.answer;

it('an effect of a newer release is left to a process of that release, and its attempts are not counted up', async () => {
  const [older, newer] = [worker(), worker()];
  const old = toys.host({ handlers: older.handlers });
  const next = toys.host({ entries: [second], handlers: newer.handlers });
  await next.deliver([to('toy:new', { type: 'WORK' })]);
  await old.deliver([to('toy:old', { type: 'WORK' })]);
  old.start('all');
  await eventually(async () => expect(await answer('toy:old')).toBe('done'));
  expect(await toys.effect('toy:new')).toMatchObject({ status: 'pending', attempts: 0 });

  const waiting = await waitingForNewer(toys.pool, createRegistry([sampleEntry]));
  expect(waiting).toEqual({ actors: 0, effects: 1, kinds: ['toy 2'] });
  expect(await waitingForNewer(toys.pool, createRegistry([second]))).toBeNull();

  next.start('all');
  await eventually(async () => expect(await answer('toy:new')).toBe('done'));
  expect(await toys.effect('toy:new')).toMatchObject({ status: 'done', attempts: 1 });
  expect([older.run.mock.calls.length, newer.run.mock.calls.length]).toEqual([1, 1]);
});

it('an effect that a newer release puts back keeps the version that asked for it', async () => {
  const next = toys.host({
    entries: [second],
    handlers: { work: { run: async () => Promise.reject(new Error('not today')), patience: () => 0 } },
  });
  const { run, handlers } = worker();
  const old = toys.host({ handlers });
  await old.deliver([to('toy:back', { type: 'WORK' })]);
  await next.effects.run((await toys.effect('toy:back'))?.id ?? '');
  old.start('all');
  await eventually(() => expect(run).toHaveBeenCalledTimes(1));
});

it('an effect of release 0.1.0, whose job has no version, is run', async () => {
  const { run, handlers } = worker();
  const host = toys.host({ handlers });
  await host.deliver([to('toy:unversioned', { type: 'WORK' })]);
  const { id } = (await toys.effect('toy:unversioned')) ?? { id: '' };
  await toys.pool.query('update effects set version = null where id = $1', [id]);
  await toys.pool.query('select graphile_worker.add_job($1, $2, job_key := $3)', [
    'effect',
    JSON.stringify({ id }),
    `effect:${id}`,
  ]);
  host.start('all');
  await eventually(() => expect(run).toHaveBeenCalledTimes(1));
});

it('an effect whose name no handler has waits without an attempt', async () => {
  const host = toys.host();
  await host.deliver([to('toy:unknown', { type: 'WORK' })]);
  const { id } = (await toys.effect('toy:unknown')) ?? { id: '' };
  await host.effects.run(id);
  expect(await toys.effect('toy:unknown')).toMatchObject({ status: 'pending', attempts: 0 });
  expect(await toys.count('graphile_worker.jobs where key = $1 and run_at > now()', `effect:${id}`)).toBe(1);
  await host.deliver([to('toy:unknown', { type: 'CALM' })]);
});

it('an older process that meets an actor of a newer release logs it once, and operators can see what waits', async () => {
  const [old, next] = [toys.host(), toys.host({ entries: [second] })];
  await next.deliver([to('toy:met', { type: 'ADD', by: 1 })]);
  for (let n = 0; n < 3; n += 1) await old.deliver([to('toy:met', { type: 'ADD', by: 1 })]);
  const said = toys.lines.filter(({ msg }) => String(msg).includes('newer release'));
  expect(said).toMatchObject([{ level: 'WARNING', actor_id: 'toy:met' }]);
  const waiting = await waitingForNewer(toys.pool, createRegistry([sampleEntry]));
  expect(waiting && newerSentence(waiting)).toBe(
    '1 actor of a newer release (toy 2) waits for a process of that release. Start one, or complete the deploy.',
  );
});
