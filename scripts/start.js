// Builds what is missing or out of date, then runs everything in this one process, so that signals reach it.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = ['src', 'machines', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

// Written by each build, which leaves what it need not change as it was.
const built = 'dist/.tsbuildinfo';

if (newest(sources) > changedAt(built)) {
  // The log goes to stdout, and is not to be mixed with this.
  console.error('Building the program, which takes a few seconds …');
  const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
  // Nothing is written where there are errors, or the next start would take half a build for a whole one.
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noEmitOnError'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    console.error('The build failed for the reasons above.');
    process.exit(1);
  }
  utimesSync(join(root, built), new Date(), new Date());
}

await import('../bin/auto-ticketing.js');

/** @param {string[]} paths Files and folders below the root. */
function newest(paths) {
  const files = paths.flatMap((path) =>
    path.includes('.')
      ? [path]
      : readdirSync(join(root, path), { recursive: true }).map((file) => join(path, String(file))),
  );
  return Math.max(...files.map(changedAt));
}

/** @param {string} path Below the root; 0 where there is no such file. */
function changedAt(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
