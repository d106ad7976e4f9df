import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runningPostgres, withDatabaseUrl, withMigratedDatabase } from '../../src/commands/withDatabase.ts';
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

const ONE_ROLE = { setting: 'DATABASE_URL', ownerUrl: null, readerUrl: null, auditDays: 0 };

it('withDatabaseUrl uses the embedded Postgres of a running program and leaves it running', async () => {
  const dir = await dataDir();
  const program = await startEmbeddedPostgres({ dir: join(dir, 'postgres') });
  onTestFinished(() => program.stop());
  const settings = { url: null, setting: 'DATABASE_URL', dataDir: dir };
  expect(await withDatabaseUrl(settings, silent, async (url) => url)).toBe(program.url);
  expect(await execute(program.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

it('withMigratedDatabase starts an embedded Postgres if none runs, and stops it afterwards', async () => {
  const settings = { production: false, url: null, ...ONE_ROLE, dataDir: await dataDir() };
  expect(await withMigratedDatabase(settings, silent, isMigrated)).toBe(true);
  expect(await runningPostgres(settings.dataDir)).toBeNull();
});

it('runningPostgres finds a Postgres whose files were moved to another folder', async () => {
  const [dir, elsewhere] = [await dataDir(), await dataDir()];
  const program = await startEmbeddedPostgres({ dir: join(elsewhere, 'postgres') });
  onTestFinished(() => program.stop());
  await mkdir(join(dir, 'postgres'));
  await symlink(join(elsewhere, 'postgres'), join(dir, 'postgres', 'moved-to'));
  expect(await runningPostgres(dir)).toBe(program.url);
});

it('runningPostgres ignores a lock file that a crash left behind', async () => {
  const dir = await dataDir();
  await mkdir(join(dir, 'postgres', 'data'), { recursive: true });
  await writeFile(join(dir, 'postgres', 'password'), 'password');
  await writeFile(join(dir, 'postgres', 'data', 'postmaster.pid'), `4711\n${dir}\n0\n1\n\n127.0.0.1\n`);
  expect(await runningPostgres(dir)).toBeNull();
});

it('withMigratedDatabase does not migrate in production', async () => {
  const { url, drop } = await createTestDatabase({ empty: true });
  onTestFinished(drop);
  const settings = { production: true, url, ...ONE_ROLE, dataDir: '.data' };
  await expect(withMigratedDatabase(settings, silent, isMigrated)).rejects.toThrow(
    'run "auto-ticketing migrate" first',
  );
});
