import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres } from '../../../src/sandbox/postgres/embedded.ts';

const makeFolder = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-faults-'));
  await chmod(dir, 0o755);
  return dir;
};

describe('the embedded Postgres in a folder with other files', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await makeFolder();
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('refuses a folder with the data of another Postgres and changes nothing in it', async () => {
    await writeFile(join(dir, 'PG_VERSION'), '16\n');

    await expect(startEmbeddedPostgres({ dir })).rejects.toThrow(
      'belongs to another PostgreSQL: choose another DATA_DIR',
    );

    expect(await readdir(dir)).toEqual(['PG_VERSION']);
  });

  it('refuses a data folder with other files and changes nothing in it', async () => {
    await mkdir(join(dir, 'data'));
    await writeFile(join(dir, 'data', 'notes.txt'), 'precious');

    await expect(startEmbeddedPostgres({ dir })).rejects.toThrow(/not a PostgreSQL data folder.*move it away/);

    expect(await readFile(join(dir, 'data', 'notes.txt'), 'utf8')).toBe('precious');
  });

  it('creates its data again after a process was killed while creating them', async () => {
    await mkdir(join(dir, 'data.new-999999999'));
    await writeFile(join(dir, 'data.new-999999999', 'PG_VERSION'), '18\n');

    const server = await startEmbeddedPostgres({ dir });
    await server.stop();

    expect(existsSync(join(dir, 'data', 'PG_VERSION'))).toBe(true);
    expect(existsSync(join(dir, 'data.new-999999999'))).toBe(false);
  });
});

describe('the embedded Postgres with a damaged or used folder', () => {
  let dir: string;

  beforeAll(async () => {
    dir = await makeFolder();
    const server = await startEmbeddedPostgres({ dir });
    await server.stop();
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  /** Starts with a file replaced, or missing if `content` is null, and puts the file back afterwards. */
  const startWithout = async (file: string, content: string | null): Promise<unknown> => {
    const path = join(dir, file);
    await rename(path, `${path}.away`);
    if (content !== null) await writeFile(path, content);
    const outcome = startEmbeddedPostgres({ dir });
    await outcome.catch(() => undefined);
    await rename(`${path}.away`, path);
    return outcome;
  };

  it('reports which major version made the data and which ones are installed', async () => {
    await expect(startWithout('data/PG_VERSION', '9\n')).rejects.toThrow(
      /was created by PostgreSQL 9, but only PostgreSQL \d+/,
    );
    expect(existsSync(join(dir, 'data', 'base'))).toBe(true);
  });

  it('reports the error of Postgres for damaged data and deletes nothing', async () => {
    await expect(startWithout('data/global/pg_control', null)).rejects.toThrow(
      /does not start on .*pg_control.*Restore that folder/s,
    );
    expect(existsSync(join(dir, 'data', 'base'))).toBe(true);
  });

  it('reports a missing password file', async () => {
    await expect(startWithout('password', null)).rejects.toThrow(/password is missing.*restore that file/);
  });

  it('reports a wrong password', async () => {
    await expect(startWithout('password', 'another')).rejects.toThrow(
      'database rejects the password in the file "password" beside it',
    );
  });

  it('reports which process uses the folder', async () => {
    const server = await startEmbeddedPostgres({ dir });

    await expect(startEmbeddedPostgres({ dir, patienceMs: 500 })).rejects.toThrow(
      `its Postgres is process ${server.pid}): stop that process first`,
    );

    await server.stop();
  });

  it('reports that the wanted port is taken', async () => {
    const { port, stop } = await startEmbeddedPostgres({ dir: join(dir, 'other'), ephemeral: true });

    await expect(startEmbeddedPostgres({ dir, port, patienceMs: 0 })).rejects.toThrow(
      `Port ${port} of 127.0.0.1 is in use`,
    );

    await stop();
  });

  it('leaves no ephemeral files after a failed start', async () => {
    const { port, stop } = await startEmbeddedPostgres({ dir: join(dir, 'other'), ephemeral: true });
    const mine = join(dir, 'mine');

    const start = startEmbeddedPostgres({ dir: mine, port, ephemeral: true, patienceMs: 500 });

    await expect(start).rejects.toThrow(`Port ${port} of 127.0.0.1 is in use`);
    expect(existsSync(mine)).toBe(false);
    await stop();
  });
});
