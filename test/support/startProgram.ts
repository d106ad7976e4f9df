import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { freePort } from './freePort.ts';

/** One real process of the built program, driven from outside. */
export interface Program {
  url: string;
  /** Everything it said on stdout, one entry a line. */
  lines: string[];
  get(path: string): Promise<Response>;
  post(path: string, body?: unknown): Promise<Response>;
  /** The end that nobody can prepare for. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

export async function startProgram(args: string[], env: Record<string, string>): Promise<Program> {
  const port = env.PORT ?? String(await freePort());
  const child = spawn(process.execPath, ['bin/auto-ticketing.js', ...args], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', PORT: port, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const url = `http://127.0.0.1:${port}`;
  await answers(child, `${url}/healthz`, lines);
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  return {
    url,
    lines,
    get: (path) => fetch(url + path, { headers }),
    post: (path, body) => fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body ?? {}) }),
    async kill() {
      child.kill('SIGKILL');
      await gone(child);
    },
    async stop() {
      child.kill('SIGTERM');
      return gone(child);
    },
  };
}

async function gone(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

async function answers(child: ChildProcess, url: string, lines: string[]): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}:\n${lines.join('\n')}`);
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the program does not answer at ${url}:\n${lines.join('\n')}`);
}
