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

describe('the embedded Postgres, given a folder that is not its own,', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await makeFolder();
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('leaves the data of another Postgres alone', async () => {
    await writeFile(join(dir, 'PG_VERSION'), '16\n');

    await expect(startEmbeddedPostgres({ dir })).rejects.toThrow(
      'belongs to another PostgreSQL: choose another DATA_DIR',
    );

    expect(await readdir(dir)).toEqual(['PG_VERSION']);
  });

  it('leaves alone what stands where its data should be', async () => {
    await mkdir(join(dir, 'data'));
    await writeFile(join(dir, 'data', 'letter'), 'precious');

    await expect(startEmbeddedPostgres({ dir })).rejects.toThrow(/no PostgreSQL data folder.*move it away/);

    expect(await readFile(join(dir, 'data', 'letter'), 'utf8')).toBe('precious');
  });

  it('makes its data anew when somebody was killed while making them', async () => {
    await mkdir(join(dir, 'data.new-999999999'));
    await writeFile(join(dir, 'data.new-999999999', 'PG_VERSION'), '18\n');

    const server = await startEmbeddedPostgres({ dir });
    await server.stop();

    expect(existsSync(join(dir, 'data', 'PG_VERSION'))).toBe(true);
    expect(existsSync(join(dir, 'data.new-999999999'))).toBe(false);
  });
});

describe('the embedded Postgres, given a folder that something happened to,', () => {
  let dir: string;

  beforeAll(async () => {
    dir = await makeFolder();
    const server = await startEmbeddedPostgres({ dir });
    await server.stop();
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  /** Starts with a file replaced, or missing where `content` is null, and puts the file back afterwards. */
  const startWithout = async (file: string, content: string | null): Promise<unknown> => {
    const path = join(dir, file);
    await rename(path, `${path}.away`);
    if (content !== null) await writeFile(path, content);
    const outcome = startEmbeddedPostgres({ dir });
    await outcome.catch(() => undefined);
    await rename(`${path}.away`, path);
    return outcome;
  };

  it('names the major version that made the data, and those that are here', async () => {
    await expect(startWithout('data/PG_VERSION', '9\n')).rejects.toThrow(
      /was made by PostgreSQL 9, but here there is only PostgreSQL \d+/,
    );
    expect(existsSync(join(dir, 'data', 'base'))).toBe(true);
  });

  it('passes on what Postgres says of damage, and deletes nothing', async () => {
    await expect(startWithout('data/global/pg_control', null)).rejects.toThrow(
      /does not start on .*pg_control.*Restore that folder/s,
    );
    expect(existsSync(join(dir, 'data', 'base'))).toBe(true);
  });

  it('asks for the password file when it is missing', async () => {
    await expect(startWithout('password', null)).rejects.toThrow(/password is missing.*restore that file/);
  });

  it('says when the password is not the right one', async () => {
    await expect(startWithout('password', 'another')).rejects.toThrow('password beside the database does not open it');
  });

  it('says who uses the folder already', async () => {
    const server = await startEmbeddedPostgres({ dir });

    await expect(startEmbeddedPostgres({ dir, patienceMs: 500 })).rejects.toThrow(
      `its Postgres is process ${server.pid}): stop that one first`,
    );

    await server.stop();
  });

  it('says when the wanted port is taken', async () => {
    const { port, stop } = await startEmbeddedPostgres({ dir: join(dir, 'other'), ephemeral: true });

    await expect(startEmbeddedPostgres({ dir, port, patienceMs: 0 })).rejects.toThrow(
      `Port ${port} of 127.0.0.1 is taken`,
    );

    await stop();
  });

  it('leaves no ephemeral files behind when it cannot start', async () => {
    const { port, stop } = await startEmbeddedPostgres({ dir: join(dir, 'other'), ephemeral: true });
    const mine = join(dir, 'mine');

    const start = startEmbeddedPostgres({ dir: mine, port, ephemeral: true, patienceMs: 500 });

    await expect(start).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken`);
    expect(existsSync(mine)).toBe(false);
    await stop();
  });
});
