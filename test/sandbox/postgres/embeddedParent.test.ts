import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/lib/packageRoot.ts';
import { type EmbeddedOptions, startEmbeddedPostgres } from '../../../src/sandbox/postgres/embedded.ts';
import { execute } from '../../support/db.ts';
import { eventually } from '../../support/eventually.ts';
import { WAIT_TIMEOUT_MS } from '../../support/waitTimeout.ts';

describe('a process with an embedded Postgres', () => {
  let dir: string;
  let parent: ChildProcess;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-parent-'));
  });
  afterEach(async () => {
    parent.kill('SIGKILL');
    await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  /** Starts it as the leader of a process group, as a terminal would. */
  const startParent = async (options: EmbeddedOptions): Promise<{ url: string; pid: number }> => {
    const support = join(packageRoot, 'test', 'support');
    parent = spawn(
      process.execPath,
      ['--import', 'tsx', join(support, 'embeddedProcess.ts'), JSON.stringify(options)],
      { detached: true, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    if (!parent.stdout) throw new Error('the parent has no stdout');
    const [line] = await once(createInterface(parent.stdout), 'line');
    return JSON.parse(line);
  };

  it('stops Postgres when it is killed, and the next process has its data', async () => {
    const { url, pid } = await startParent({ dir });
    await execute(url, `create table notes as select 'kept' as body`);

    parent.kill('SIGKILL');
    await eventually(() => expect(isAlive(pid)).toBe(false));

    const next = await startEmbeddedPostgres({ dir, patienceMs: WAIT_TIMEOUT_MS });
    expect(await execute(next.url, 'select body from notes')).toEqual([{ body: 'kept' }]);
    await next.stop();
  });

  it('leaves no ephemeral files when it is killed', async () => {
    const { pid } = await startParent({ dir, ephemeral: true });

    parent.kill('SIGKILL');

    await eventually(() => expect([isAlive(pid), existsSync(dir)]).toEqual([false, false]));
  });

  it('keeps Postgres running when Ctrl-C is pressed', async () => {
    const { url } = await startParent({ dir, ephemeral: true });
    if (parent.pid === undefined) throw new Error('the parent did not start');

    process.kill(-parent.pid, 'SIGINT');

    expect(await execute(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('keeps other processes from using its folder until it ends', async () => {
    const { pid } = await startParent({ dir });

    await expect(startEmbeddedPostgres({ dir, patienceMs: 500 })).rejects.toThrow(
      `Another process already uses the embedded database in ${dir} (its Postgres is process ${pid})`,
    );

    parent.kill('SIGKILL');
    const next = await startEmbeddedPostgres({ dir, patienceMs: WAIT_TIMEOUT_MS });
    await next.stop();
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
