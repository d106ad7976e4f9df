import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { createCleanups } from '../../src/lib/cleanup.ts';
import { createLog } from '../../src/log/log.ts';
import { startSandbox } from '../../src/sandbox/startSandbox.ts';
import { parseSurfaces } from '../../src/surfaces/surfacesFile.ts';

const log = createLog({ level: 'silent' });

/** The environment that a sandbox makes of these settings. The database is only named. */
async function environmentOf(settings: Record<string, string>) {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-sandbox-'));
  const cleanups = createCleanups(log);
  onTestFinished(async () => {
    await cleanups.run();
    await rm(dir, { recursive: true, force: true });
  });
  const config = readConfig({ PORT: '0', DATA_DIR: dir, DATABASE_URL: 'postgres://nowhere.invalid/db', ...settings });
  const { signal } = new AbortController();
  return startSandbox(config, { log, cleanups, say: () => undefined, stopping: signal });
}

it('without settings there is a sandbox for each part, and nobody signs in', async () => {
  const { config, pages, surfaces } = await environmentOf({});
  expect(pages.map(({ name }) => name)).toEqual(['Tickets', 'Slack', 'Services']);
  expect([config.oidc, config.freescout.baseUrl, config.slack.dmUserId]).toEqual([
    null,
    pages[0]?.url.replace(/\/$/, ''),
    'U0OPERATOR',
  ]);
  expect(parseSurfaces(surfaces?.text() ?? '', 'sandbox')).toHaveLength(6);
});

it('with SANDBOX_SIGN_IN people sign in at the sandbox OpenID provider, in each role', async () => {
  const { config, pages } = await environmentOf({ SANDBOX_SIGN_IN: '1', PUBLIC_URL: 'http://127.0.0.1:5200' });
  expect(pages.map(({ name }) => name)).toEqual(['Tickets', 'Slack', 'Services', 'Sign-in']);
  const { issuerUrl = '', roleMap = [] } = config.oidc ?? {};
  expect(roleMap.map(({ role }) => role)).toEqual(['viewer', 'operator', 'admin']);
  expect(config.sessionSecret).toMatch(/^\w{64}$/);
  const metadata = await (await fetch(`${issuerUrl}/.well-known/openid-configuration`)).json();
  expect(metadata).toMatchObject({ issuer: issuerUrl, authorization_endpoint: `${issuerUrl}/authorize` });
});

it('configured parts have no sandbox, and a configured OpenID provider is used', async () => {
  const { config, pages } = await environmentOf({
    SANDBOX_SIGN_IN: '1',
    FREESCOUT_BASE_URL: 'https://tickets.example.com',
    FREESCOUT_API_KEY: 'a-key-of-freescout-0123456789',
    FREESCOUT_OPERATIONS_MAILBOX_ID: '4',
    OIDC_ISSUER_URL: 'https://id.example.com',
    OIDC_CLIENT_ID: 'console',
    OIDC_CLIENT_SECRET: 'a-client-secret-of-more-than-32-characters',
    SESSION_SECRET: 'a-session-secret-of-more-than-32-characters',
  });
  expect(pages.map(({ name }) => name)).toEqual(['Slack', 'Services']);
  expect([config.freescout.operationsMailboxId, config.oidc?.issuerUrl]).toEqual([4, 'https://id.example.com']);
});
