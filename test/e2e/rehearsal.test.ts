import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { createCookieClient, formToken } from '../support/cookieClient.ts';
import { onFreePort } from '../support/freePort.ts';
import { type Program, startProgram } from '../support/startProgram.ts';

/** What docs/sandbox.md tells a new user to do: production mode against the sandbox, up to the first ticket. */

const PROGRAM = 'bin/auto-ticketing.js';
let folder: string;
let sandbox: ChildProcess;
let settings: Record<string, string>;
const running: Program[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auto-ticketing-rehearsal-'));
  const file = join(folder, 'rehearsal.env');
  sandbox = await onFreePort((port) => startSandbox(port, file));
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  settings = Object.fromEntries(lines.map((line) => [line.replace(/=.*/, ''), line.replace(/^\w+=/, '')]));
});
afterAll(async () => {
  await Promise.all(running.map((program) => program.stop()));
  sandbox.kill('SIGTERM');
  if (sandbox.exitCode === null) await once(sandbox, 'exit');
  await rm(folder, { recursive: true, force: true });
});

/** Resolves when the settings are written. */
async function startSandbox(port: number, file: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM, 'sandbox', '--settings', file], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH ?? '', HOME: '/', PORT: String(port), DATA_DIR: join(folder, 'data') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('The settings of a console')) resolve();
    });
    child.once('close', () => reject(new Error(lines.at(-1) ?? 'The sandbox ended without a reason.')));
  });
  return child;
}

const run = (command: string) =>
  promisify(execFile)(process.execPath, [PROGRAM, command], { cwd: packageRoot, env: { ...process.env, ...settings } });

async function start(role: string, more: Record<string, string>): Promise<Program> {
  const program = await startProgram([role], { ...settings, ...more });
  running.push(program);
  return program;
}

it('in production mode against the sandbox, an admin signs in, turns the flags on, and a broken service gets its ticket', async () => {
  await run('migrate');
  expect((await run('doctor')).stdout).not.toMatch(/^FAIL/m);
  const { url } = await start('web', {});
  await start('worker', { PORT: '0', POLL_INTERVAL_SECONDS: '1' });

  const client = createCookieClient();
  const there = await client.follow(`${url}/sign-in/start`, `${url}/sign-in/callback`);
  const answered = await client.submit(there.url, { person: 'ada' });
  await client.get(answered.headers.get('location') ?? '');
  const _csrf = await formToken(client, `${url}/console/flags`);
  for (const name of ['FLAG_CONSOLE_ALERTS_AUTO_TICKET', 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS']) {
    expect((await client.submit(`${url}/console/flags/${name}`, { enabled: 'true', _csrf })).status).toBe(303);
  }

  const { PORT, FREESCOUT_BASE_URL } = settings;
  await fetch(`http://127.0.0.1:${Number(PORT) + 3}/s/payments/state`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"state":"down"}',
  });
  const tickets = async () => (await fetch(`${FREESCOUT_BASE_URL}/`)).text();
  await expect.poll(tickets).toMatch(/\[AT-\w+\] P1: [^<]*Payments/);
});
