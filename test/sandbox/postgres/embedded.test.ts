import { existsSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/sandbox/postgres/embedded.ts';
import { execute } from '../../support/db.ts';
import { onFreePort } from '../../support/freePort.ts';
import { WAIT_TIMEOUT_MS } from '../../support/waitTimeout.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'auto-ticketing-embedded-'));
  await chmod(root, 0o755);
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('an embedded Postgres that keeps its data', () => {
  let dir: string;
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    dir = join(root, 'lasting');
    // On a port that no other process gets by chance while the server restarts.
    server = await onFreePort((port) => startEmbeddedPostgres({ dir, port, patienceMs: 0 }));
    await execute(server.url, `create table notes as select 'kept' as body`);
  });
  afterAll(() => server.stop());

  const expectItsData = async (): Promise<void> =>
    expect(await execute(server.url, 'select body from notes')).toEqual([{ body: 'kept' }]);

  it('has the same data, password and, where asked for, port after a restart', async () => {
    const { url, port } = server;
    await server.stop();

    server = await startEmbeddedPostgres({ dir, port, patienceMs: WAIT_TIMEOUT_MS });

    expect(server.url).toBe(url);
    await expectItsData();
  });

  it('has all committed data after it was killed', async () => {
    process.kill(server.pid, 'SIGKILL');
    await server.ended;

    server = await startEmbeddedPostgres({ dir, port: server.port, patienceMs: WAIT_TIMEOUT_MS });

    await expectItsData();
  });

  it('waits for another server on the same folder that is still stopping', async () => {
    const next = startEmbeddedPostgres({ dir, port: server.port, patienceMs: WAIT_TIMEOUT_MS });
    await server.stop();

    server = await next;

    await expectItsData();
  });

  it('syncs its data to disk', async () => {
    expect(await execute(server.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
  });
});

describe('an ephemeral embedded Postgres', () => {
  let dir: string;
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    // The account that runs Postgres for root cannot enter this folder.
    await mkdir(join(root, 'private'), { mode: 0o700 });
    dir = join(root, 'private', 'ephemeral');
    server = await startEmbeddedPostgres({ dir, ephemeral: true });
  });
  afterAll(() => server.stop());

  it('starts in a folder that no other user can enter', async () => {
    expect(await execute(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('does not run as root', async () => {
    const [row] = await execute(server.url, 'show data_directory');
    const owner = statSync(String(row?.data_directory)).uid;
    expect(owner).not.toBe(0);
  });

  it('rejects a wrong password, and only its owner can read the password file', async () => {
    const wrong = new URL(server.url);
    wrong.password = 'postgres';
    const [row] = await execute(server.url, 'show data_directory');

    await expect(execute(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(String(row?.data_directory), '..', 'password')).mode & 0o777).toBe(0o600);
  });

  it('listens on loopback only', async () => {
    expect(await execute(server.url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  });

  it('leaves no files after it was stopped', async () => {
    const folder = join(root, 'private', 'stopped');
    const { url, stop } = await startEmbeddedPostgres({ dir: folder, ephemeral: true });
    const [row] = await execute(url, 'show data_directory');

    await stop();

    expect([existsSync(folder), existsSync(String(row?.data_directory))]).toEqual([false, false]);
  });

  it('refuses a folder that is not empty', async () => {
    const occupied = join(root, 'occupied');
    await mkdir(occupied);
    await writeFile(join(occupied, 'notes.txt'), 'precious');

    await expect(startEmbeddedPostgres({ dir: occupied, ephemeral: true })).rejects.toThrow(`${occupied} is not empty`);

    expect(await readFile(join(occupied, 'notes.txt'), 'utf8')).toBe('precious');
  });
});
