import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EffectRow } from '../../src/actors/effectResult.ts';
import { createEffectRunner, type EffectRun } from '../../src/actors/effectRunner.ts';
import type { Host } from '../../src/actors/host.ts';
import { createRegistry } from '../../src/actors/registry.ts';
import { createPool } from '../../src/db/pool.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { createLog } from '../../src/log/log.ts';
import { startTestCluster, type TestCluster } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';
import { sampleHostsOn, startSampleHosts, to } from '../support/sampleHosts.ts';
import { sampleEntry } from '../support/sampleMachine.ts';

const DUE_JOB = 'graphile_worker._private_jobs where run_at <= now() and key = $1';

const works = (run: (about: EffectRun) => unknown) => ({
  work: { run: async (_input: unknown, about: EffectRun) => run(about), patience: () => 0 },
});

describe('work in flight', () => {
  let hosts: Awaited<ReturnType<typeof startSampleHosts>>;
  beforeAll(async () => {
    hosts = await startSampleHosts();
  });
  afterEach(async () => {
    await hosts.stop();
    await hosts.empty();
  });
  afterAll(() => hosts.close());

  const stoppedRunner = ({ deliver }: Host, run: () => unknown) =>
    createEffectRunner({
      ...{ pool: hosts.pool, registry: createRegistry([sampleEntry]), deliver, log: createLog({ level: 'silent' }) },
      handlers: works(run),
      signal: AbortSignal.abort(),
    });

  it('work of a killed process is taken over within seconds', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'test/support/sampleProcess.ts', hosts.url], {
      cwd: packageRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await hosts.host().deliver([to('toy:killed', { type: 'WORK' })]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await hosts.effect('toy:killed')).toMatchObject({ status: 'running', attempts: 1 });

    hosts.host({ handlers: works(({ attempt }) => `attempt ${attempt}`) }).start('all');
    await eventually(async () => expect((await hosts.row('toy:killed'))?.snapshot.context.answer).toBe('attempt 2'));
    expect(await hosts.count("actor_history where actor_id = 'toy:killed'")).toBe(2);
  });

  it('work of a stopping process is handed back at once', async () => {
    const begun = vi.fn();
    const obeying = ({ signal }: EffectRun) => {
      begun();
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    };
    const old = hosts.host({ handlers: works(obeying) });
    old.start('all');
    await old.deliver([to('toy:stopped', { type: 'WORK' })]);
    await eventually(() => expect(begun).toHaveBeenCalled());
    await old.stop(50);
    expect(await hosts.effect('toy:stopped')).toMatchObject({ status: 'pending', attempts: 1 });
    expect(
      await hosts.count(
        "graphile_worker._private_jobs where run_at <= now() and locked_by is null and key like 'effect:toy:stopped:%'",
      ),
    ).toBe(1);

    hosts.host({ handlers: works(() => 'done elsewhere') }).start('all');
    await eventually(async () =>
      expect((await hosts.row('toy:stopped'))?.snapshot.context.answer).toBe('done elsewhere'),
    );
  });

  it('a job that a worker takes while its process stops is handed back without a run', async () => {
    const host = hosts.host({ handlers: works(() => 'never') });
    await host.deliver([to('toy:late', { type: 'WORK' })]);
    const id = (await hosts.effect('toy:late'))?.id ?? '';
    const run = vi.fn();
    await stoppedRunner(host, run).run(id);
    expect(run).not.toHaveBeenCalled();
    expect(await hosts.effect('toy:late')).toMatchObject({ status: 'pending', attempts: 0 });
    expect(await hosts.count(DUE_JOB, `effect:${id}`)).toBe(1);
  });

  it('an effect whose process stopped just after it was begun is handed back without a run', async () => {
    const host = hosts.host({ handlers: works(() => 'never') });
    await host.deliver([to('toy:begun', { type: 'WORK' })]);
    const begun = "update effects set status = 'running', attempts = 1 where actor_id = 'toy:begun'";
    const { rows } = await hosts.pool.query<EffectRow>(
      `${begun} returning id, actor_id, child_id, src, input, attempts, version, replayed, 0 as age_ms`,
    );
    const effect = rows[0] as EffectRow;
    const run = vi.fn();
    await stoppedRunner(host, run).runBegun(effect);
    expect(run).not.toHaveBeenCalled();
    expect(await hosts.effect('toy:begun')).toMatchObject({ status: 'pending', attempts: 1 });
    expect(await hosts.count(DUE_JOB, `effect:${effect.id}`)).toBe(1);
  });

  it('short work ends before its process stops', async () => {
    let finish: (value: string) => void = () => undefined;
    const begun = vi.fn(
      () =>
        new Promise<string>((resolve) => {
          finish = resolve;
        }),
    );
    const old = hosts.host({ handlers: works(begun) });
    old.start('all');
    await old.deliver([to('toy:finished', { type: 'WORK' })]);
    await eventually(() => expect(begun).toHaveBeenCalled());
    const stopped = old.stop(20_000);
    finish('in time');
    await stopped;
    expect((await hosts.row('toy:finished'))?.snapshot.context.answer).toBe('in time');
  });
});

describe('when Postgres dies', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(() => cluster.drop());

  it('workers, timers and effects continue by themselves after a restart of Postgres', async () => {
    const hosts = sampleHostsOn(cluster.url, createPool(cluster.url, 4, createLog({ level: 'silent' })));
    const host = hosts.host({ handlers: works(() => 'worked') });
    host.start('all');
    await host.deliver([to('toy:before', { type: 'WORK' }), to('toy:timer', { type: 'WAIT' })]);
    await eventually(async () => expect(await hosts.effect('toy:before')).toMatchObject({ status: 'done' }));

    await cluster.crash();
    await expect(host.deliver([to('toy:meanwhile', { type: 'ADD', by: 1 })])).rejects.toThrow();
    await cluster.start();
    await eventually(() => host.deliver([to('toy:after', { type: 'WORK' })]));
    await eventually(async () => expect(await hosts.effect('toy:after')).toMatchObject({ status: 'done' }));
    await hosts.hurry('timer:toy:timer:%');
    await eventually(async () => expect((await hosts.row('toy:timer'))?.snapshot.context.fired).toBe(1));

    await hosts.stop();
    await hosts.pool.end();
  });

  it('the result of an effect that ran while Postgres was down is applied after its restart', async () => {
    const hosts = sampleHostsOn(cluster.url, createPool(cluster.url, 4, createLog({ level: 'silent' })));
    let finish: (value: string) => void = () => undefined;
    const begun = vi.fn(({ attempt }: EffectRun) =>
      attempt > 1
        ? 'second time'
        : new Promise<string>((resolve) => {
            finish = resolve;
          }),
    );
    const host = hosts.host({ handlers: works(begun) });
    host.start('all');
    await host.deliver([to('toy:cut', { type: 'WORK' })]);
    await eventually(() => expect(begun).toHaveBeenCalled());
    await cluster.crash();
    finish('into the void');
    await cluster.start();
    await eventually(async () => expect((await hosts.row('toy:cut'))?.snapshot.context.answer).toBe('second time'));
    await hosts.stop();
    await hosts.pool.end();
  });
});
