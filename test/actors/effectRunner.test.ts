import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Again, type EffectHandler, type EffectRun } from '../../src/actors/effectRunner.ts';
import { createRegistry } from '../../src/actors/registry.ts';
import { replayEffect } from '../../src/actors/repair/replay.ts';
import { transaction } from '../../src/db/pool.ts';
import { eventually } from '../support/eventually.ts';
import { startSampleHosts, to } from '../support/sampleHosts.ts';
import { sampleEntry } from '../support/sampleMachine.ts';

let hosts: Awaited<ReturnType<typeof startSampleHosts>>;
beforeAll(async () => {
  hosts = await startSampleHosts();
});
afterEach(async () => {
  await hosts.stop();
  await hosts.empty();
});
afterAll(() => hosts.close());

const ended = (id: string, status: string) =>
  eventually(async () => expect(await hosts.effect(id)).toMatchObject({ status }));
const answer = async (id: string) => (await hosts.row(id))?.snapshot.context.answer;

/** A process that works with `run` until the test is over. */
function worker(
  run: (input: { n: number }, run: EffectRun) => unknown,
  patience: EffectHandler['patience'] = () => null,
) {
  const host = hosts.host({ handlers: { work: { run: async (input, about) => run(input, about), patience } } });
  host.start('all');
  return host;
}

it('an effect gets its input from the machine, and its result is delivered as an event', async () => {
  const host = worker(({ n }) => ({ doubled: n * 2 }));
  await host.deliver([to('toy:answers', { type: 'ADD', by: 4 }), to('toy:answers', { type: 'WORK' })]);
  await ended('toy:answers', 'done');
  expect(await answer('toy:answers')).toEqual({ doubled: 8 });
  expect(await hosts.effect('toy:answers')).toMatchObject({ attempts: 1, result: { doubled: 8 }, error: null });
});

it('a result that the database cannot store is delivered without the faulty characters', async () => {
  const host = worker(() => 'a\u0000b');
  await host.deliver([to('toy:rubbish', { type: 'WORK' })]);
  await ended('toy:rubbish', 'done');
  expect(await answer('toy:rubbish')).toBe('ab');
});

it('the result of a cancelled effect is ignored', async () => {
  let finish: (value: string) => void = () => undefined;
  const running = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const begun = vi.fn(() => running);
  const host = worker(begun);
  await host.deliver([to('toy:cancelled', { type: 'WORK' })]);
  await eventually(() => expect(begun).toHaveBeenCalled());
  await host.deliver([to('toy:cancelled', { type: 'CALM' })]);
  finish('too late');
  await eventually(async () => expect(await hosts.count('graphile_worker._private_jobs')).toBe(0));
  expect(await hosts.effect('toy:cancelled')).toMatchObject({ status: 'cancelled' });
  expect(await answer('toy:cancelled')).toBeNull();
});

it('an effect that returns Again runs again after that time, and sees that it is not the first attempt', async () => {
  const runs: number[] = [];
  const host = worker((_input, { attempt, ageMs }) => {
    runs.push(attempt);
    return attempt === 1 ? new Again(3_600_000) : ageMs >= 0;
  });
  await host.deliver([to('toy:again', { type: 'WORK' })]);
  await ended('toy:again', 'pending');
  await eventually(async () => {
    const { rows } = await hosts.pool.query(
      "select run_at > now() + interval '59 minutes' as later from graphile_worker._private_jobs",
    );
    expect(rows).toEqual([{ later: true }]);
  });
  await hosts.hurry('effect:toy:again:%');
  await ended('toy:again', 'done');
  expect(runs).toEqual([1, 2]);
  expect(await answer('toy:again')).toBe(true);
});

it('an effect that throws is retried while its handler allows, and is then kept as a dead letter', async () => {
  const host = worker(
    () => Promise.reject(new Error('no luck')),
    (_error, { attempt }) => (attempt < 3 ? 0 : null),
  );
  await host.deliver([to('toy:dead', { type: 'WORK' })]);
  await ended('toy:dead', 'dead');
  expect(await hosts.effect('toy:dead')).toMatchObject({ attempts: 3, error: { message: 'no luck' }, result: null });
  expect(await answer('toy:dead')).toEqual({ error: { message: 'no luck' } });
});

it('a replayed dead letter runs, sees that it ran before, and delivers no event', async () => {
  const dying = worker(() => Promise.reject(new Error('no luck')));
  await dying.deliver([to('toy:replayed', { type: 'WORK' })]);
  await ended('toy:replayed', 'dead');
  await dying.stop(0);
  const { rev } = (await hosts.row('toy:replayed')) ?? {};
  const runs = vi.fn((_input: unknown, { attempt }: EffectRun) => attempt);
  worker(runs);
  const { id } = (await hosts.effect('toy:replayed')) ?? { id: '' };
  const replay = (id: string) =>
    transaction(hosts.pool, (client) => replayEffect(client, createRegistry([sampleEntry]), id));
  expect(await replay(id)).toBe(true);
  await ended('toy:replayed', 'done');
  expect(await hosts.effect('toy:replayed')).toMatchObject({ result: 2, error: null });
  expect(await hosts.row('toy:replayed')).toMatchObject({ rev });
  expect(await replay(id)).toBe(false);
  expect(await replay('no such effect')).toBe(false);
});

it('an effect whose name this release does not know is left to a release that does', async () => {
  const old = hosts.host();
  old.start('all');
  await old.deliver([to('toy:unknown', { type: 'WORK' })]);
  const putBack = "graphile_worker.jobs where key like 'effect:toy:unknown:%' and run_at > created_at";
  await eventually(async () => expect(await hosts.count(putBack)).toBe(1));
  expect(await hosts.effect('toy:unknown')).toMatchObject({ status: 'pending', attempts: 0 });
  worker(() => 'known');
  await old.stop(0);
  await hosts.hurry('effect:toy:unknown:%');
  await ended('toy:unknown', 'done');
});

it('a busy process with urgent workers only leaves other effects to other processes', async () => {
  const handlers = { work: { run: async () => 'done', patience: () => null } };
  const entries = [sampleEntry, { ...sampleEntry, kind: 'urgent', urgent: ['work'] }];
  const web = hosts.host({ handlers, entries, isBusy: () => true });
  web.start('urgent');
  await web.deliver([to('toy:not-urgent', { type: 'WORK' }), to('urgent:1', { type: 'WORK' })]);
  await ended('urgent:1', 'done');
  expect(await hosts.effect('toy:not-urgent')).toMatchObject({ status: 'pending', attempts: 0 });
  const worker = hosts.host({ handlers, entries });
  worker.start('all');
  await ended('toy:not-urgent', 'done');
});

it('an effect that one step starts and stops does not run', async () => {
  const run = vi.fn(() => 'done');
  const host = worker(run);
  await host.deliver([to('toy:brief', { type: 'BRIEFLY' }), to('toy:after-brief', { type: 'WORK' })]);
  await ended('toy:after-brief', 'done');
  await eventually(async () => expect(await hosts.count('graphile_worker._private_jobs')).toBe(0));
  expect(await hosts.effect('toy:brief')).toBeUndefined();
  expect(await hosts.count("timers where actor_id = 'toy:brief'")).toBe(0);
  expect(run).toHaveBeenCalledTimes(1);
});

it('the result of an effect that a person waits for does not wait behind results for actors that are locked', async () => {
  const entries = [sampleEntry, { ...sampleEntry, kind: 'click', urgent: ['work'] }];
  const run = vi.fn(async () => 'result');
  const host = hosts.host({ entries, poolSize: 10, handlers: { work: { run, patience: () => null } } });
  // The results for locked actors do not give up before the other one is there, however busy the machine is.
  host.pool.on('connect', (client) => void client.query("set lock_timeout = '60s'; set statement_timeout = '60s'"));
  const blocked = [1, 2, 3, 4, 5].map((n) => `toy:blocked-${n}`);
  await host.deliver([...blocked, 'click:free'].map((id) => to(id, { type: 'WORK' })));
  const stuck = await hosts.pool.connect();
  await stuck.query('begin; set local idle_in_transaction_session_timeout = 0');
  await stuck.query("select from actors where id like 'toy:blocked-%' for update");
  const ended = vi.fn();
  const others = blocked.map(async (id) => host.effects.run((await hosts.effect(id))?.id ?? '').then(ended, ended));
  await eventually(() => expect(run).toHaveBeenCalledTimes(blocked.length));
  await host.effects.run((await hosts.effect('click:free'))?.id ?? '');
  const endedBefore = ended.mock.calls.length;
  await stuck.query('rollback');
  stuck.release();
  await Promise.all(others);
  expect(await hosts.effect('click:free')).toMatchObject({ status: 'done' });
  expect(endedBefore).toBe(0);
});
