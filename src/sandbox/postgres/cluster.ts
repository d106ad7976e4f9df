import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Account, canEnter, chooseAccount, giveTo, runAs } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { EmbeddedPostgresError } from './embeddedError.ts';

/** A data folder that is ready to be served, and everything needed to serve it. */
export interface Cluster {
  account: Account;
  binaries: Binaries;
  /** Holds `data`, `password` and `postgres.log`. */
  home: string;
  data: string;
  password: string;
}

/** The folder for the embedded Postgres when its account cannot enter the wanted folder. */
const REACHABLE_BASE = '/var/lib/auto-ticketing';

/** Opens the cluster in `dir`, or creates one there. Throws EmbeddedPostgresError with a message for the user. */
export async function prepareCluster(dir: string, ephemeral: boolean, stopping?: AbortSignal): Promise<Cluster> {
  if (existsSync(join(dir, 'PG_VERSION'))) {
    throw new EmbeddedPostgresError(
      `${dir} belongs to another PostgreSQL: choose another DATA_DIR, or set DATABASE_URL to use that server.`,
    );
  }
  await mkdir(dir, { recursive: true });
  if (ephemeral && (await readdir(dir)).length > 0) {
    throw new EmbeddedPostgresError(
      `${dir} is not empty, and a database that is deleted on stop needs an empty folder.`,
    );
  }
  const { home, account } = await settle(dir);
  const data = join(home, 'data');
  const major = await majorOfData(data);
  const binaries = await findBinaries(account, home, major);
  const password = await keepPassword(home, account, major !== null);
  if (major === null) await initialise({ account, binaries, home, data, password }, ephemeral, stopping);
  return { account, binaries, home, data, password };
}

/** Chooses the account and a folder that it can enter: `dir`, unless that is inside a private home folder. */
async function settle(dir: string): Promise<{ home: string; account: Account }> {
  const signpost = join(dir, 'moved-to');
  const moved = await readlink(signpost).catch(() => null);
  const home = moved ?? dir;
  await mkdir(home, { recursive: true });
  const account = chooseAccount(join(home, 'data'));
  if (!(await canEnter(account, '/'))) {
    throw new EmbeddedPostgresError(
      `Postgres does not run as root, and this process may not become ${account.name}: ` +
        'start this program as an ordinary user, or set DATABASE_URL.',
    );
  }
  const fresh = (await readdir(home)).length === 0;
  if (fresh && (await canEnter(account, dirname(home)))) await giveTo(account, home);
  if (await canEnter(account, home)) return { home, account };
  // Existing data is not replaced by an empty database elsewhere, which would look like a loss of data.
  if (moved !== null || !('uid' in account.ids) || existsSync(join(home, 'data'))) {
    throw new EmbeddedPostgresError(
      `${account.name} may not enter ${home}: change its permissions, or set DATABASE_URL.`,
    );
  }
  await mkdir(REACHABLE_BASE, { recursive: true });
  await chmod(REACHABLE_BASE, 0o711);
  await symlink(await mkdtemp(join(REACHABLE_BASE, 'postgres-')), signpost).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return settle(dir);
}

/** Null when there is no data yet. */
async function majorOfData(data: string): Promise<number | null> {
  const entries = await readdir(data).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length === 0) return null;
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  if (/^\d+\s*$/.test(version)) return Number(version);
  throw new EmbeddedPostgresError(
    `${data} is not empty but is not a PostgreSQL data folder (it has no valid PG_VERSION):  ` +
      'move it away to start with an empty database, or set DATABASE_URL.',
  );
}

/** Any local user can reach a port on loopback, so the server requires a password that only the owner can read. */
async function keepPassword(home: string, account: Account, dataExists: boolean): Promise<string> {
  const file = join(home, 'password');
  if (!existsSync(file)) {
    if (dataExists) {
      throw new EmbeddedPostgresError(
        `${file} is missing, and the database beside it cannot be opened without it: ` +
          'restore that file, or move the folder away to start with an empty database, or set DATABASE_URL.',
      );
    }
    const draft = `${file}.${process.pid}`;
    await writeFile(draft, randomBytes(24).toString('base64url'), { mode: 0o600 });
    await giveTo(account, draft);
    // Creating a link is atomic, and never replaces a file that another process has created meanwhile.
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await unlink(draft);
  }
  return readFile(file, 'utf8');
}

/** Creates the data in a temporary folder and then renames it, so that `data` is never incomplete. */
async function initialise(cluster: Cluster, ephemeral: boolean, stopping?: AbortSignal): Promise<void> {
  const { account, binaries, home, data } = cluster;
  await removeDrafts(home);
  const draft = `${data}.new-${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await giveTo(account, draft);
  const options = [
    `--pgdata=${draft}`,
    '--username=postgres',
    '--auth=scram-sha-256',
    `--pwfile=${join(home, 'password')}`,
  ];
  options.push('--encoding=UTF8', '--no-locale', '--no-instructions');
  // Sorts in C order on every platform, but handles the upper and lower case of all letters.
  if (binaries.major >= 17) options.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  if (ephemeral) options.push('--no-sync');
  try {
    await runAs(account, join(binaries.bin, 'initdb'), options, stopping);
    await rename(draft, data);
  } catch (error) {
    // A server that initdb started may write until it notices that initdb has ended.
    await rm(draft, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    // Another process that starts on the same folder was faster; its data is equivalent.
    if (!existsSync(join(data, 'PG_VERSION'))) throw error;
  }
}

/** Temporary folders of processes that were killed while creating their data. */
async function removeDrafts(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const pid = /^data\.new-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(home, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
