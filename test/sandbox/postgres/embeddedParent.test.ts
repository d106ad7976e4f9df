import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../../../src/lib/packageRoot.ts';
import { type EmbeddedOptions, startEmbeddedPostgres } from '../../../src/sandbox/postgres/embedded.ts';
import { execute } from '../../support/db.ts';

describe('a process that keeps an embedded Postgres', () => {
  let dir: string;
  let keeper: ChildProcess;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-keeper-'));
  });
  afterEach(async () => {
    keeper.kill('SIGKILL');
    await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  /** Starts it as the leader of a process group, as a terminal would. */
  const startKeeper = async (options: EmbeddedOptions): Promise<{ url: string; pid: number }> => {
    const support = join(packageRoot, 'test', 'support');
    keeper = spawn(
      process.execPath,
      ['--import', 'tsx', join(support, 'embeddedProcess.ts'), JSON.stringify(options)],
      { detached: true, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    if (!keeper.stdout) throw new Error('the keeper has no stdout');
    const [line] = await once(createInterface(keeper.stdout), 'line');
    return JSON.parse(line);
  };

  it('takes Postgres along when it is killed, and the next one finds the data', async () => {
    const { url, pid } = await startKeeper({ dir });
    await execute(url, `create table notes as select 'kept' as body`);

    keeper.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 });

    const next = await startEmbeddedPostgres({ dir });
    expect(await execute(next.url, 'select body from notes')).toEqual([{ body: 'kept' }]);
    await next.stop();
  });

  it('leaves no ephemeral files behind when it is killed', async () => {
    const { pid } = await startKeeper({ dir, ephemeral: true });

    keeper.kill('SIGKILL');

    await vi.waitFor(() => expect([isAlive(pid), existsSync(dir)]).toEqual([false, false]), { timeout: 10_000 });
  });

  it('keeps Postgres to itself when Ctrl-C is pressed', async () => {
    const { url } = await startKeeper({ dir, ephemeral: true });
    if (keeper.pid === undefined) throw new Error('the keeper did not start');

    process.kill(-keeper.pid, 'SIGINT');

    expect(await execute(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('shuts other processes out until it ends', async () => {
    const { pid } = await startKeeper({ dir });

    await expect(startEmbeddedPostgres({ dir, patienceMs: 500 })).rejects.toThrow(
      `Another process already uses the embedded database in ${dir} (its Postgres is process ${pid})`,
    );

    keeper.kill('SIGKILL');
    const next = await startEmbeddedPostgres({ dir });
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
