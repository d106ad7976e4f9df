// Builds dist/. With --if-stale, only when it is missing or older than its sources.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['src', 'machines', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

// Written by every build, even when no output has changed.
const STAMP = 'dist/.tsbuildinfo';

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--if-stale')) buildIfStale();
  else build();
}

/** Builds unless dist/ is newer than every source. Ends the process with code 1 when the build fails. */
export function buildIfStale() {
  if (newest(SOURCES) <= changedAt(STAMP)) return;
  build();
}

function build() {
  // stdout is for the log of the program that may start afterwards.
  console.error('Building the program. This can take a minute or two …');
  removeOrphans();
  const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
  // With errors nothing is written. Otherwise the next start would take the incomplete build for a complete one.
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noEmitOnError'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    console.error('The build failed with the errors above.');
    process.exit(1);
  }
  utimesSync(join(root, STAMP), new Date(), new Date());
}

/** Deletes the output of sources that were moved or deleted, which the compiler leaves. */
function removeOrphans() {
  for (const tree of ['src', 'machines']) {
    const dist = join(root, 'dist', tree);
    if (!existsSync(dist)) continue;
    for (const file of filesIn(`dist/${tree}`)) {
      const source = file.slice('dist/'.length).replace(/\.js(\.map)?$/, '');
      const isKnown = ['.ts', '.tsx'].some((ending) => existsSync(join(root, source + ending)));
      if (!isKnown && /\.js(\.map)?$/.test(file)) rmSync(join(root, file));
    }
  }
}

/** @param {string} folder Below the root. */
function filesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, String(file)));
}

/** @param {string[]} paths Files and folders below the root. */
function newest(paths) {
  const files = paths.flatMap((path) => (path.includes('.') ? [path] : filesIn(path)));
  return Math.max(...files.map(changedAt));
}

/** @param {string} path Below the root. Returns 0 when there is no such file. */
function changedAt(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
