import { existsSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/sandbox/postgres/embedded.ts';
import { execute } from '../../support/db.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'auto-ticketing-embedded-'));
  await chmod(root, 0o755);
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('a lasting embedded Postgres', () => {
  let dir: string;
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    dir = join(root, 'lasting');
    server = await startEmbeddedPostgres({ dir });
    await execute(server.url, `create table notes as select 'kept' as body`);
  });
  afterAll(() => server.stop());

  const expectItsData = async (): Promise<void> =>
    expect(await execute(server.url, 'select body from notes')).toEqual([{ body: 'kept' }]);

  it('keeps its data, its password and, when asked to, its port over a restart', async () => {
    const { url, port } = server;
    await server.stop();

    server = await startEmbeddedPostgres({ dir, port });

    expect(server.url).toBe(url);
    await expectItsData();
  });

  it('keeps what was committed before it was killed', async () => {
    process.kill(server.pid, 'SIGKILL');
    await server.ended;

    server = await startEmbeddedPostgres({ dir });

    await expectItsData();
  });

  it('waits for a predecessor that is still on its way out', async () => {
    const next = startEmbeddedPostgres({ dir, port: server.port });
    await server.stop();

    server = await next;

    await expectItsData();
  });

  it('syncs to disk', async () => {
    expect(await execute(server.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
  });
});

describe('an ephemeral embedded Postgres', () => {
  let dir: string;
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    // Not even root's own account for Postgres can enter this one without help.
    await mkdir(join(root, 'private'), { mode: 0o700 });
    dir = join(root, 'private', 'ephemeral');
    server = await startEmbeddedPostgres({ dir, ephemeral: true });
  });
  afterAll(() => server.stop());

  it('starts in a folder that no other user can enter', async () => {
    expect(await execute(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('never runs as root', async () => {
    const [row] = await execute(server.url, 'show data_directory');
    const owner = statSync(String(row?.data_directory)).uid;
    expect(owner).not.toBe(0);
  });

  it('lets nobody in without the password, which only its owner can read', async () => {
    const stranger = new URL(server.url);
    stranger.password = 'postgres';
    const [row] = await execute(server.url, 'show data_directory');

    await expect(execute(stranger.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(String(row?.data_directory), '..', 'password')).mode & 0o777).toBe(0o600);
  });

  it('is reached through loopback alone', async () => {
    expect(await execute(server.url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  });

  it('leaves nothing behind', async () => {
    const [row] = await execute(server.url, 'show data_directory');

    await server.stop();

    expect([existsSync(dir), existsSync(String(row?.data_directory))]).toEqual([false, false]);
  });

  it('is not made where there is something already', async () => {
    const occupied = join(root, 'occupied');
    await mkdir(occupied);
    await writeFile(join(occupied, 'letter'), 'precious');

    await expect(startEmbeddedPostgres({ dir: occupied, ephemeral: true })).rejects.toThrow(`${occupied} is not empty`);

    expect(await readFile(join(occupied, 'letter'), 'utf8')).toBe('precious');
  });
});
