import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../src/lib/packageRoot.ts';

/** A real process of the built program. */
export interface Program {
  url: string;
  pid: number;
  /** Every line of its output. */
  lines: string[];
  get(path: string): Promise<Response>;
  post(path: string, body?: unknown): Promise<Response>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Resolves when the program has reported that it started. Rejects with its output when it ends before that. */
export async function startProgram(args: string[], env: Record<string, string>): Promise<Program> {
  const child = spawn(process.execPath, ['bin/auto-ticketing.js', ...args], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithParent = () => child.kill('SIGKILL');
  process.once('exit', killWithParent);
  child.once('close', () => process.off('exit', killWithParent));

  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const started = startedAt(line);
        if (started !== null) resolve(started);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`the program ended with ${code}:\n${lines.join('\n')}`)));
  });
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  return {
    url,
    pid: child.pid ?? 0,
    lines,
    get: (path) => fetch(url + path, { headers }),
    post: (path, body) => fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body ?? {}) }),
    async kill() {
      child.kill('SIGKILL');
      await exited(child);
    },
    async stop() {
      child.kill('SIGTERM');
      return exited(child);
    },
  };
}

/** The address in the line that reports the start, or null for any other line. */
function startedAt(line: string): string | null {
  // With a sandbox the program prints its pages instead of logging "started".
  const withSandbox = /^ {2}Console +(\S+)\/console\/status$/.exec(line)?.[1];
  if (withSandbox !== undefined) return withSandbox;
  if (!line.includes('"msg":"started"')) return null;
  const { url }: { url: string } = JSON.parse(line);
  return url;
}

async function exited(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}
