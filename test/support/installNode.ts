import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Installs the newest Node.js of this major version below the folder, and returns the folder with its `node`. */
export function installNode(folder: string, major: string): string {
  const prefix = join(folder, 'node');
  // This package has no install scripts.
  const name = `node-${process.platform}-${process.arch}`;
  const options = ['--no-save', '--no-audit', '--no-fund', '--prefix', prefix];
  execFileSync('npm', ['install', ...options, `${name}@${major}`], { stdio: ['ignore', 2, 2] });
  return join(prefix, 'node_modules', name, 'bin');
}
