import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runningPostgres, withDatabase, withServer } from '../../src/commands/withDatabase.ts';
import { isMigrated } from '../../src/db/migrate.ts';
import { startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';
import { createTestDatabase, execute } from '../support/db.ts';

const silent = { out: () => undefined, err: () => undefined };

async function dataDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-commands-'));
  // Postgres may run as another user.
  await chmod(dir, 0o755);
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

it('the embedded Postgres of a running program is shared and stays up', async () => {
  const dir = await dataDir();
  const program = await startEmbeddedPostgres({ dir: join(dir, 'postgres') });
  onTestFinished(() => program.stop());
  const settings = { production: false, url: null, dataDir: dir };
  expect(await withServer(settings, silent, async (url) => url)).toBe(program.url);
  expect(await execute(program.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

it('where none runs, one is started, migrated, and stopped again', async () => {
  const settings = { production: false, url: null, dataDir: await dataDir() };
  expect(await withDatabase(settings, silent, isMigrated)).toBe(true);
  expect(await runningPostgres(settings.dataDir)).toBeNull();
});

it('so is one whose files lie elsewhere', async () => {
  const [dir, elsewhere] = [await dataDir(), await dataDir()];
  const program = await startEmbeddedPostgres({ dir: join(elsewhere, 'postgres') });
  onTestFinished(() => program.stop());
  await mkdir(join(dir, 'postgres'));
  await symlink(join(elsewhere, 'postgres'), join(dir, 'postgres', 'moved-to'));
  expect(await runningPostgres(dir)).toBe(program.url);
});

it('a lock file that a crash left behind is not taken for a running server', async () => {
  const dir = await dataDir();
  await mkdir(join(dir, 'postgres', 'data'), { recursive: true });
  await writeFile(join(dir, 'postgres', 'password'), 'password');
  await writeFile(join(dir, 'postgres', 'data', 'postmaster.pid'), `4711\n${dir}\n0\n1\n\n127.0.0.1\n`);
  expect(await runningPostgres(dir)).toBeNull();
});

it('in production migrating is left to the release step', async () => {
  const { url, drop } = await createTestDatabase({ empty: true });
  onTestFinished(drop);
  const settings = { production: true, url, dataDir: '.data' };
  await expect(withDatabase(settings, silent, isMigrated)).rejects.toThrow('run "auto-ticketing migrate" first');
});
