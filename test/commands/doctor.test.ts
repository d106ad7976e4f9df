import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startSandboxFreeScout } from '../../src/sandbox/freescout/sandboxFreeScout.ts';
import { startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';
import { createTestDatabase } from '../support/db.ts';
import { PRODUCTION, SIGN_IN } from '../support/settings.ts';
import { run } from './run.ts';

const KEY = 'key-0123456789abcdef';

async function freescout() {
  const desk = await startSandboxFreeScout({ apiKey: KEY });
  onTestFinished(() => desk.stop());
  const settings = {
    FREESCOUT_BASE_URL: desk.url,
    FREESCOUT_API_KEY: KEY,
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(desk.operationsMailboxId),
  };
  return { desk, settings };
}

async function databaseUrl(): Promise<string> {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  return url;
}

it('doctor prints a line for each check and succeeds if none fails', async () => {
  const { settings } = await freescout();
  const { out, failure } = await run(['doctor'], { ...settings, DATABASE_URL: await databaseUrl() });
  expect(failure).toBeNull();
  expect(out.at(-1)).toBe('No check failed.');
  expect(out.slice(0, -1).every((line) => /^(ok {2}|WARN) {2}\S.* {2}\S/.test(line))).toBe(true);
});

it('doctor runs the other checks if FreeScout is down, and fails', async () => {
  const { desk, settings } = await freescout();
  desk.control.faults.add({ kind: 'reset' });
  const { out, failure } = await run(['doctor'], { ...settings, DATABASE_URL: await databaseUrl() });
  expect(failure).toMatch(/^1 check of \d+ failed\.$/);
  expect(out.filter((line) => line.startsWith('FAIL'))).toEqual([expect.stringContaining('ECONNRESET')]);
  expect(out.some((line) => /^ok +dead letters/.test(line))).toBe(true);
});

it('doctor --json prints the findings as JSON', async () => {
  const { out, failure } = await run(['doctor', '--json'], { DATA_DIR: '/nowhere', PORT: 'x' });
  const report: { ok: boolean; checks: object[] } = JSON.parse(out.join('\n'));
  expect([report.ok, failure]).toEqual([false, expect.stringContaining('failed')]);
  expect(report.checks[0]).toEqual({ check: 'settings', state: 'FAIL', says: expect.stringMatching(/^PORT /) });
});

it('doctor prints no secret, even if a server echoes one', async () => {
  const { desk, settings } = await freescout();
  const body = JSON.stringify({ message: `no access with ${KEY}\u001b[2J` });
  desk.control.faults.add({ kind: 'status', status: 403, body });
  const env = {
    ...PRODUCTION,
    ...settings,
    DATABASE_URL: 'postgres://console:geheim-0815@127.0.0.1:1/x',
    OIDC_ISSUER_URL: 'http://127.0.0.1:1',
    SLACK_BOT_TOKEN: 'xoxb-0123456789',
    SLACK_DM_USER_ID: 'U1',
    SLACK_API_URL: 'http://127.0.0.1:1/api/',
  };
  const text = (await run(['doctor'], env)).out.join('\n');
  expect(text).toContain('no access with [hidden] [2J');
  for (const secret of [KEY, 'geheim-0815', 'xoxb-0123456789', SIGN_IN.SESSION_SECRET, SIGN_IN.OIDC_CLIENT_SECRET]) {
    expect(text).not.toContain(secret);
  }
});

it('doctor looks at no embedded database in production, even if a sandbox runs in the same folder', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'auto-ticketing-doctor-'));
  const sandbox = await startEmbeddedPostgres({ dir: join(dataDir, 'postgres') });
  onTestFinished(async () => {
    await sandbox.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  const { DATABASE_URL: _, ...required } = PRODUCTION;
  const env = { ...required, OIDC_ISSUER_URL: 'http://127.0.0.1:1', DATA_DIR: dataDir };
  for (const change of [{}, { DATABASE_URL: 'mysql://db/console' }]) {
    const { out } = await run(['doctor'], { ...env, ...change });
    expect(out.filter((line) => /^\S+ +database/.test(line))).toEqual([
      expect.stringMatching(/^FAIL +database +DATABASE_URL is not set or not valid/),
    ]);
  }
});
