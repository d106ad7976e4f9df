import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startApp } from '../../src/app/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { createLog } from '../../src/log/log.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/freePort.ts';
import { PRODUCTION } from '../support/settings.ts';

let folder: string;
let home: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auto-ticketing-starting-'));
  // Postgres does not run as root, so its account has to reach the folder.
  await chmod(folder, 0o755);
  home = join(folder, 'postgres');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

/** Starts the built program, with the sandbox unless `env` says otherwise. */
function start(env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, ['bin/auto-ticketing.js'], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH ?? '', HOME: folder, PORT: '0', DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  child.stdout?.resume();
  child.stderr?.resume();
  return child;
}

/** Sends SIGTERM, and returns the exit code and how long the process took to end. */
async function terminate(child: ChildProcess): Promise<{ code: number | null; seconds: number }> {
  const began = performance.now();
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = (await ended) as [number | null];
  return { code, seconds: (performance.now() - began) / 1000 };
}

const drafts = async (): Promise<string[]> =>
  existsSync(home) ? (await readdir(home)).filter((name) => name.startsWith('data.new-')) : [];

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('a signal while the data folder of Postgres is being made exits with 0 and leaves no half-made folder', async () => {
  const child = start();
  await eventually(async () => expect(await drafts()).toHaveLength(1));
  const { code, seconds } = await terminate(child);
  expect(code).toBe(0);
  expect(seconds).toBeLessThan(15);
  expect(await drafts()).toEqual([]);
});

it('a signal right after Postgres has started exits with 0 and stops Postgres', async () => {
  const child = start();
  const pidFile = join(home, 'data', 'postmaster.pid');
  const postgres = await eventually(async () => {
    const pid = Number.parseInt(await readFile(pidFile, 'utf8'), 10);
    expect(pid).toBeGreaterThan(0);
    return pid;
  });
  const { code, seconds } = await terminate(child);
  expect(code).toBe(0);
  // On a very slow machine the process exits at its time limit, and the guard of Postgres stops it a moment later.
  await eventually(() => expect(isAlive(postgres)).toBe(false));
  expect(seconds).toBeLessThan(15);
});

it('an abort while a production process waits for its database ends the start-up and closes its server', async () => {
  const stopping = new AbortController();
  const lines: { msg: string }[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(JSON.parse(line)) } });
  const port = await freePort();
  const config = readConfig({
    NODE_ENV: 'production',
    PORT: String(port),
    PUBLIC_URL: 'https://console.example',
    // Nothing listens on port 9.
    DATABASE_URL: 'postgres://127.0.0.1:9/none',
    OIDC_ISSUER_URL: 'https://id.example',
    OIDC_CLIENT_ID: 'console',
    OIDC_CLIENT_SECRET: 'a-client-secret-of-more-than-32-characters',
    SESSION_SECRET: 'a-session-secret-of-more-than-32-characters',
  });
  const start = startApp({ config, role: 'worker', log, stopping: stopping.signal });
  const outcome = expect(start).rejects.toThrow('aborted');
  await eventually(() => expect(lines.map(({ msg }) => msg)).toContainEqual(expect.stringContaining('Waiting.')));
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  stopping.abort();
  await outcome;
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('fetch failed');
});

it('SIGHUP while the process waits for its database reads the secrets again and ends nothing', async () => {
  const key = join(folder, 'key');
  await writeFile(key, 'old-key-0123456789abcdef');
  const child = start({
    ...PRODUCTION,
    HOST: '127.0.0.1',
    DATABASE_URL: 'postgres://a:b@127.0.0.1:9/c',
    FREESCOUT_API_KEY_FILE: key,
  });
  let output = '';
  child.stdout?.on('data', (text) => {
    output += text;
  });
  await eventually(() => expect(output).toContain('Waiting.'));
  await writeFile(key, 'new-key-0123456789abcdef');
  child.kill('SIGHUP');
  await eventually(() => expect(output).toContain('secrets reloaded'));
  expect(await terminate(child)).toMatchObject({ code: 0 });
});
