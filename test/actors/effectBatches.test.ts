import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createEffectBatches } from '../../src/actors/effectBatches.ts';
import type { EffectHandler, EffectRun } from '../../src/actors/effectRunner.ts';
import { EFFECT, namesUpTo } from '../../src/actors/enqueue.ts';
import { createJobClaims, type JobClaims } from '../../src/actors/jobClaims.ts';
import { createLog } from '../../src/log/log.ts';
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

type Decide = NonNullable<EffectHandler['decide']>;
const COUNT = 60;
const work = (name: string) =>
  Array.from({ length: COUNT }, (_, n) => [
    to(`toy:${name}-${n}`, { type: 'ADD', by: n }),
    to(`toy:${name}-${n}`, { type: 'WORK' }),
  ]).flat();
const allDone = (name: string) =>
  eventually(async () => {
    expect(await hosts.count("effects where actor_id like $1 and status = 'done'", `toy:${name}-%`)).toBe(COUNT);
    expect(await hosts.count('graphile_worker._private_jobs where key like $1', `effect:toy:${name}-%`)).toBe(0);
  });
const answers = async (name: string) =>
  (
    await hosts.pool.query<{ answer: unknown }>(
      "select snapshot->'context'->'answer' as answer from actors where id like $1 order by (snapshot->'context'->>'n')::int",
      [`toy:${name}-%`],
    )
  ).rows.map(({ answer }) => answer);

/** Decides the effects for which `isDecided`; each run and each decision is counted by its number. */
function counting(isDecided: (n: number) => boolean) {
  const handled: number[] = [];
  const decide = vi.fn<Decide>(async (effects) => {
    const decided = effects.filter(({ input }: { input: { n: number } }) => isDecided(input.n));
    handled.push(...decided.map(({ input }: { input: { n: number } }) => input.n));
    return new Map(decided.map(({ id }) => [id, 'decided']));
  });
  const run = vi.fn(async ({ n }: { n: number }) => {
    handled.push(n);
    return 'run';
  });
  return { handled, decide, run, handler: { run, decide, patience: () => null } };
}

const everyNumber = Array.from({ length: COUNT }, (_, n) => n);
const sorted = (numbers: number[]) => numbers.toSorted((a, b) => a - b);

it('effects that become due together are decided in few batches, and each is delivered once', async () => {
  const { handled, decide, handler } = counting(() => true);
  const host = hosts.host({ handlers: { work: handler } });
  host.start('all');
  await host.deliver(work('together'));
  await allDone('together');
  expect(sorted(handled)).toEqual(everyNumber);
  expect(decide.mock.calls.length).toBeLessThan(COUNT / 3);
  expect((await answers('together')).filter((answer) => answer === 'decided').length).toBeGreaterThan(COUNT / 2);
});

it('what a batch cannot decide runs alone, once', async () => {
  const { handled, run, handler } = counting((n) => n % 2 === 0);
  const host = hosts.host({ handlers: { work: handler } });
  host.start('all');
  await host.deliver(work('partly'));
  await allDone('partly');
  expect(sorted(handled)).toEqual(everyNumber);
  expect(run.mock.calls.length).toBeGreaterThanOrEqual(COUNT / 2);
});

it('a batch whose decision fails leaves each effect to a run of its own', async () => {
  const { handled, handler } = counting(() => false);
  const decide = vi.fn<Decide>(() => Promise.reject(new Error('no decision')));
  const host = hosts.host({ handlers: { work: { ...handler, decide } } });
  host.start('all');
  await host.deliver(work('failing'));
  await allDone('failing');
  expect(decide).toHaveBeenCalled();
  expect(sorted(handled)).toEqual(everyNumber);
});

it('two processes decide and run each effect once between them', async () => {
  const { handled, handler } = counting((n) => n % 3 > 0);
  const [one, other] = [hosts.host({ handlers: { work: handler } }), hosts.host({ handlers: { work: handler } })];
  one.start('all');
  other.start('all');
  await Promise.all([one.deliver(work('shared').slice(0, COUNT)), other.deliver(work('shared').slice(COUNT))]);
  await allDone('shared');
  expect(sorted(handled)).toEqual(everyNumber);
});

/** Its result is who held its job while it ran. */
const tellingOwner = {
  run: async (_input: unknown, { effectId }: EffectRun) =>
    (
      await hosts.pool.query('select locked_by from graphile_worker._private_jobs where key = $1', [
        `effect:${effectId}`,
      ])
    ).rows,
  patience: () => null,
};
const HERE = [{ locked_by: expect.stringMatching(/^effects \w+$/) }];
const resultOf = (id: string) =>
  eventually(async () => {
    expect(await hosts.effect(id)).toMatchObject({ status: 'done' });
    return (await hosts.effect(id))?.result;
  });

it('an effect begins in the process that commits it, under a claim that ends with it', async () => {
  const host = hosts.host({ handlers: { work: tellingOwner } });
  host.start('all');
  await host.deliver([to('toy:here', { type: 'WORK' })]);
  expect(await resultOf('toy:here')).toEqual(HERE);
  expect(await hosts.effect('toy:here')).toMatchObject({ attempts: 1 });
  await eventually(async () =>
    expect(await hosts.count("graphile_worker._private_jobs where key like 'effect:toy:here:%'")).toBe(0),
  );
});

it('the effects of a transaction that fails do not run, and the next ones begin in this process again', async () => {
  const host = hosts.host({ handlers: { work: tellingOwner } });
  host.start('all');
  for (let n = 0; n < 3; n++) {
    const failing = () => Promise.reject(new Error('not committed'));
    await expect(host.deliver([to('toy:undone', { type: 'WORK' })], failing)).rejects.toThrow('not committed');
  }
  expect(await hosts.effect('toy:undone')).toBeUndefined();
  await host.deliver([to('toy:redone', { type: 'WORK' })]);
  expect(await resultOf('toy:redone')).toEqual(HERE);
});

const SILENT = createLog({ level: 'silent' });
const claimsOf = (owner: string, pool = hosts.pool) =>
  createJobClaims({
    pool,
    owner: () => owner,
    decidable: ['work'],
    jobNames: namesUpTo(EFFECT, [sampleEntry]),
    log: SILENT,
    signal: new AbortController().signal,
  });

it('the claims of a process that has died are taken over', async () => {
  const { handled, handler } = counting(() => true);
  const writer = hosts.host();
  await writer.deliver(work('orphaned'));
  const claimed = await claimsOf('a process that has died').takeUndecided(COUNT, []);
  expect(claimed).toHaveLength(COUNT);
  const host = hosts.host({ handlers: { work: handler } });
  host.start('all');
  await allDone('orphaned');
  expect(sorted(handled)).toEqual(everyNumber);
});

it('claims whose answer was lost are given back at once, and others are kept', async () => {
  const writer = hosts.host();
  await writer.deliver([to('toy:kept', { type: 'WORK' })]);
  let isLost = false;
  const losing = new Proxy(hosts.pool, {
    get: (pool, name) =>
      name !== 'query'
        ? Reflect.get(pool, name)
        : async (sql: string, values: unknown[]) => {
            const result = await pool.query(sql, values);
            if (!isLost) return result;
            isLost = false;
            throw new Error('the answer was lost');
          },
  });
  const claims = claimsOf('a process that lives', losing);
  const kept = await claims.takeUndecided(10, []);
  expect(kept.map(({ actor_id }) => actor_id)).toEqual(['toy:kept']);
  await writer.deliver([to('toy:lost', { type: 'WORK' })]);
  isLost = true;
  await expect(claims.takeUndecided(10, [])).rejects.toThrow('the answer was lost');
  const again = await claims.takeUndecided(10, []);
  expect(again.map(({ actor_id }) => actor_id)).toEqual(['toy:lost']);
  await claims.complete([...kept, ...again]);
});

/** The claimed effects of new actors with this name. */
async function claimNew(claims: JobClaims, name: string, count: number) {
  const ids = Array.from({ length: count }, (_, n) => `toy:${name}-${n}`);
  await hosts.host().deliver(ids.map((id) => to(id, { type: 'WORK' })));
  const taken = await claims.takeUndecided(count, []);
  expect(taken.map(({ actor_id }) => actor_id).toSorted()).toEqual(ids);
  return taken;
}
const lockedJobs = (name: string) =>
  hosts.count('graphile_worker._private_jobs where key like $1 and locked_at is not null', `effect:toy:${name}-%`);

it('an effect that a batch has returned to the queue does not join another batch', async () => {
  const claims = claimsOf('a process that lives');
  const taken = await claimNew(claims, 'returned', 1);
  await claims.release(taken);
  expect(
    await claims.takeUndecided(
      10,
      taken.map(({ id }) => id),
    ),
  ).toEqual([]);
});

it('an effect that returns to the queue is due at once, although the clock was set back meanwhile', async () => {
  const claims = claimsOf('a process that lives');
  const taken = await claimNew(claims, 'ahead', 1);
  await hosts.pool.query(
    "update graphile_worker._private_jobs set run_at = run_at + interval '1 hour' where key like 'effect:toy:ahead-%'",
  );
  await claims.release(taken);
  const due = "graphile_worker._private_jobs where key like 'effect:toy:ahead-%' and run_at <= clock_timestamp()";
  expect(await hosts.count(due)).toBe(1);
});

it('a batch returns to the queue at once although another transaction holds one of its effects', async () => {
  const claims = claimsOf('a process that lives');
  const taken = await claimNew(claims, 'contended', 3);
  const stuck = await hosts.pool.connect();
  await stuck.query('begin; set local idle_in_transaction_session_timeout = 0');
  await stuck.query("select from effects where actor_id = 'toy:contended-1' for update");
  const released = claims.release(taken);
  try {
    await eventually(async () => expect(await lockedJobs('contended')).toBe(0));
  } finally {
    await stuck.query('rollback');
    stuck.release();
  }
  await released;
});

it('what a batch cannot decide returns to the queue before the rest is delivered', async () => {
  const claims = claimsOf('a process that lives');
  const { handler } = counting((n) => n > 0);
  const inTime = vi.fn();
  const deliver = async () => {
    await eventually(async () => expect(await lockedJobs('early')).toBe(1));
    inTime();
    return [];
  };
  const ids = ['toy:early-0', 'toy:early-1'];
  await hosts
    .host()
    .deliver([...ids.map((id) => to(id, { type: 'WORK' })).toSpliced(1, 0, to('toy:early-1', { type: 'ADD', by: 1 }))]);
  const batches = createEffectBatches({ claims, handlers: { work: handler }, deliver, log: SILENT });
  batches.wake();
  await batches.stop();
  expect(inTime).toHaveBeenCalledOnce();
});

it('an effect that is offered twice is answered twice', async () => {
  const gates: (() => void)[] = [];
  const claims: JobClaims = {
    ...claimsOf('a process that lives'),
    takeUndecided: () => new Promise((resolve) => gates.push(() => resolve([]))),
  };
  const batches = createEffectBatches({ claims, handlers: {}, deliver: async () => [], log: SILENT });
  const answers = ['first', 'twice', 'twice'].map((id) => batches.offer(id));
  gates.shift()?.();
  await expect.poll(() => gates.length).toBe(1);
  gates.shift()?.();
  expect(await Promise.all(answers)).toEqual([false, false, false]);
});
