import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './embeddedError.ts';

const run = promisify(execFile);

/** The account that runs the embedded Postgres. `ids` is empty when that is the current user. */
export interface Account {
  name: string;
  ids: { uid: number; gid: number } | Record<string, never>;
}

/**
 * Postgres refuses to run as root, so root runs it as an existing account: the owner of the data when there is
 * data, else `postgres`, else `nobody`. Throws EmbeddedPostgresError when there is no such account.
 */
export function chooseAccount(data: string): Account {
  if (process.getuid?.() !== 0) return { name: 'this user', ids: {} };
  const owner = statSync(data, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) {
    return { name: `user ${owner.uid}`, ids: { uid: owner.uid, gid: owner.gid } };
  }
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const user = users.find(([name]) => name === wanted);
    if (user !== undefined) return { name: wanted, ids: { uid: Number(user[2]), gid: Number(user[3]) } };
  }
  throw new EmbeddedPostgresError(
    'Postgres does not run as root, and there is neither a user postgres nor a user nobody to run it as: ' +
      'start this program as an ordinary user, or set DATABASE_URL.',
  );
}

/**
 * Runs a program to its end as that account and returns its output. Its environment is empty, so that none of our
 * secrets can be read through another account's processes. Throws as `execFile` does; an abort kills the program first.
 */
export async function runAs(
  account: Account,
  program: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const options = { ...account.ids, cwd: '/', env: CHILD_ENV };
  const running = run(program, [...args], signal ? { ...options, signal } : options);
  try {
    return (await running).stdout;
  } catch (error) {
    // An abort rejects at once; the program may still write until it has ended.
    if (signal?.aborted) await ended(running.child);
    throw error;
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** LC_ALL keeps the messages in English because we parse some of them. */
export const CHILD_ENV = { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin' };

/** Whether the account may enter the folder and all its parents. The operating system decides, so ACLs count too. */
export async function canEnter(account: Account, folder: string): Promise<boolean> {
  return runAs(account, '/bin/sh', ['-c', 'cd "$1"', 'sh', folder]).then(
    () => true,
    () => false,
  );
}

/** Makes the account the owner; does nothing when the account is the current user. */
export async function giveTo(account: Account, path: string): Promise<void> {
  if ('uid' in account.ids) await chown(path, account.ids.uid, account.ids.gid);
}
