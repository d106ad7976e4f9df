import { chown, copyFile, lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';
import { onFreePort } from '../support/freePort.ts';

/** The name under which the primary knows its standby. */
const STANDBY = 'standby';
/** Content that belongs to the running server or comes by replication. */
const LEFT_OUT = new Set(['postmaster.pid', 'postmaster.opts', 'pg_wal', 'pg_replslot']);
const STREAMING_MS = 60_000;

/**
 * Copies a running primary into an empty folder and starts the copy as its standby. The primary confirms a commit only
 * when the standby has it, from the moment on that this resolves. Needs no program besides the server itself.
 */
export async function startStandby(primaryUrl: string, dir: string): Promise<EmbeddedPostgres> {
  const client = new pg.Client({ connectionString: primaryUrl, application_name: 'faults' });
  await client.connect();
  try {
    // The primary keeps what the copy still needs.
    for (const [name, value] of [
      ['wal_keep_size', '1GB'],
      ['wal_retrieve_retry_interval', '200ms'],
      ['synchronous_standby_names', ''],
    ])
      await client.query(`alter system set ${name} = '${value}'`);
    await client.query('select pg_reload_conf()');
    await copyData(client, primaryUrl, dir);
    const standby = await onFreePort((port) => startEmbeddedPostgres({ dir, port, patienceMs: 0 }));
    await client.query(`alter system set synchronous_standby_names = '${STANDBY}'`);
    await client.query('select pg_reload_conf()');
    await untilSynchronous(client);
    return standby;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Resolves when every confirmed commit is on the standby too. */
export async function untilSynchronous(client: pg.Client): Promise<void> {
  for (const until = performance.now() + STREAMING_MS; performance.now() < until; ) {
    const { rowCount } = await client.query(
      "select from pg_stat_replication where application_name = $1 and sync_state = 'sync' and state = 'streaming'",
      [STANDBY],
    );
    if (rowCount === 1) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the standby did not follow the primary within ${STREAMING_MS / 1000} s`);
}

async function copyData(client: pg.Client, primaryUrl: string, dir: string): Promise<void> {
  const { rows: settings } = await client.query<{ data: string }>("select current_setting('data_directory') as data");
  const from = settings[0]?.data ?? '';
  const to = join(dir, 'data');
  await mkdir(dir, { recursive: true });
  await copyOwner(dirname(from), dir);
  await client.query("select pg_backup_start('standby', true)");
  await copyTree(from, to, LEFT_OUT);
  const { rows } = await client.query<{ label: string }>(
    'select labelfile as label from pg_backup_stop(wait_for_archive => false)',
  );
  for (const folder of ['pg_wal', join('pg_wal', 'archive_status'), 'pg_replslot']) {
    await mkdir(join(to, folder), { mode: 0o700 });
    await copyOwner(from, join(to, folder));
  }
  const { hostname, port, username, password } = new URL(primaryUrl);
  const address = `host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}`;
  await writeFile(join(to, 'backup_label'), rows[0]?.label ?? '');
  await writeFile(join(to, 'standby.signal'), '');
  await writeFile(join(to, 'postgresql.auto.conf'), `primary_conninfo = '${address} application_name=${STANDBY}'\n`, {
    flag: 'a',
  });
  for (const file of ['backup_label', 'standby.signal', 'postgresql.auto.conf']) await copyOwner(from, join(to, file));
  await copyFile(join(dirname(from), 'password'), join(dir, 'password'));
  await copyOwner(from, join(dir, 'password'));
}

/** Files that the server removes meanwhile are not needed: the copy replays what removed them. */
async function copyTree(from: string, to: string, leftOut: ReadonlySet<string> = new Set()): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  await copyOwner(from, to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (leftOut.has(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    else {
      const copied = await copyFile(source, target).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error;
          return false;
        },
      );
      if (copied) await copyOwner(from, target);
    }
  }
}

async function copyOwner(from: string, to: string): Promise<void> {
  const { uid, gid } = await lstat(from);
  if (process.getuid?.() === 0) await chown(to, uid, gid);
}
