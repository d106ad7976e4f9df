import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { SETTINGS } from '../../src/config/read.ts';
import { PRODUCTION, SIGN_IN, settingErrors } from '../support/settings.ts';

describe('without any setting', () => {
  it('has the documented defaults', () => {
    expect(readConfig({})).toEqual({
      production: false,
      port: 3000,
      portGiven: false,
      host: '127.0.0.1',
      publicUrl: 'http://127.0.0.1:3000',
      trustProxy: 0,
      database: { url: null, directUrl: null, ownerUrl: null, readerUrl: null, sslMode: null, poolSize: 10 },
      dataDir: '.data',
      freescout: {
        baseUrl: null,
        apiKey: null,
        operationsMailboxId: null,
        supportMailboxId: null,
        botEmail: 'console-bot@127.0.0.1',
        userId: null,
        webhookSecret: null,
        timeoutMs: 10_000,
        inDoubtSeconds: 120,
        concurrency: 4,
      },
      slack: { botToken: null, dmUserId: null, apiUrl: null },
      outgoing: { proxy: null, noProxy: null, plainHosts: null, authorities: null },
      dnsServers: null,
      surfaces: { file: null, allowPrivate: true, pollIntervalSeconds: 10 },
      flags: {
        FLAG_CONSOLE_ALERTS_AUTO_TICKET: { forcedOff: false, default: true },
        FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: { forcedOff: false, default: true },
      },
      storm: { maxTickets: 20, windowMinutes: 10, maxTicketsTotal: 0 },
      flap: { maxEpisodes: 5, maxOutages: 3, outageWindowMinutes: 60, windowMinutes: 10 },
      reopenWithinMinutes: 0,
      alertSilentAfterMinutes: 60,
      sourceRequestsPerMinute: 6_000,
      ingestTokens: [],
      apiTokens: [],
      metricsToken: null,
      oidc: null,
      sandboxSignIn: false,
      sessionSecret: null,
      session: { idleMinutes: 120, maxHours: 12, roleCheckMinutes: 15, roleMaxMinutes: 240 },
      deadLetterAlarmMinutes: 60,
      adminSignInMinutes: 0,
      heartbeatUrl: null,
      auditDigests: { secret: null, previous: null },
      logLevel: 'info',
      retention: { checksDays: 90, historyDays: 90, recordsDays: 400, auditDays: 0 },
      warnings: [],
      ignored: [],
    });
  });

  it('treats an empty or blank value as unset', () => {
    const blank = Object.fromEntries(SETTINGS.map(({ variable }, index) => [variable, index % 2 ? '' : ' ']));
    expect(readConfig(blank)).toEqual(readConfig({}));
  });

  it('freezes the whole tree', () => {
    const config = readConfig({ INGEST_TOKENS: 'grafana:token' });
    for (const part of [config, config.freescout, config.flags.FLAG_CONSOLE_ALERTS_AUTO_TICKET, config.ingestTokens[0]])
      expect(Object.isFrozen(part)).toBe(true);
  });
});

describe('in production', () => {
  it('requires an address, a database and a sign-in, and reports all that are missing', () => {
    const errors = settingErrors({ NODE_ENV: 'production' });
    expect(errors.map((error) => error.split(' ')[0])).toEqual(['PUBLIC_URL', 'DATABASE_URL', ...Object.keys(SIGN_IN)]);
    for (const error of errors) expect(error).toMatch(/is not set, and production requires it: set it to .+\.$/);
  });

  it('refuses the sandbox OpenID provider, at which everybody may be an admin', () => {
    const [error = '', ...others] = settingErrors({ ...PRODUCTION, SANDBOX_SIGN_IN: '1' });
    expect([error, others]).toEqual([expect.stringMatching(/^SANDBOX_SIGN_IN lets everybody choose who they are/), []]);
    expect(settingErrors({ ...PRODUCTION, SANDBOX_SIGN_IN: '0' })).toEqual([]);
    // Outside production it is no reason to listen beyond this machine.
    expect(settingErrors({ SANDBOX_SIGN_IN: '1' })).toEqual([]);
    expect(settingErrors({ SANDBOX_SIGN_IN: '1', HOST: '0.0.0.0' })).toEqual([expect.stringMatching(/^HOST can be/)]);
  });

  it('requires no sign-in of a process without a console, and ignores the errors of its settings', () => {
    const { PUBLIC_URL = '', DATABASE_URL = '' } = PRODUCTION;
    const env = {
      NODE_ENV: 'production',
      PUBLIC_URL,
      DATABASE_URL,
      OIDC_ROLE_MAP: 'sre:root',
      SESSION_SECRET: 'short',
    };
    const { oidc, warnings } = readConfig(env, { console: false });
    expect(oidc).toBeNull();
    expect(warnings.filter((warning) => /^(OIDC|SESSION)_/.test(warning))).toHaveLength(2);
    expect(() => readConfig({ ...env, DATABASE_URL: '' }, { console: false })).toThrow('DATABASE_URL is not set');
  });

  it('does not report an invalid setting as missing too', () => {
    expect(settingErrors({ ...PRODUCTION, DATABASE_URL: 'db.example.com' })).toHaveLength(1);
  });

  it('listens on every address and has both flags off', () => {
    const { host, flags, production } = readConfig(PRODUCTION);
    expect({ host, production, flags }).toEqual({
      host: '0.0.0.0',
      production: true,
      flags: {
        FLAG_CONSOLE_ALERTS_AUTO_TICKET: { forcedOff: false, default: false },
        FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: { forcedOff: false, default: false },
      },
    });
  });

  it('starts without FreeScout and without Slack, with a warning for each missing setting', () => {
    const { warnings, freescout, slack } = readConfig(PRODUCTION);
    expect(freescout.baseUrl ?? freescout.apiKey ?? slack.botToken).toBeNull();
    expect(warnings.map((warning) => warning.split(' is not set, so ')[0])).toEqual([
      'FREESCOUT_BASE_URL',
      'FREESCOUT_API_KEY',
      'FREESCOUT_OPERATIONS_MAILBOX_ID',
      'SLACK_BOT_TOKEN',
      'SLACK_DM_USER_ID',
      'SURFACES_FILE',
      'OIDC_ROLE_MAP',
    ]);
  });

  it('starts with invalid FreeScout and Slack settings, which count as unset, with warnings', () => {
    const { warnings, freescout, slack } = readConfig({
      ...PRODUCTION,
      SURFACES_FILE: 'surfaces.yaml',
      OIDC_ROLE_MAP: 'ops:admin',
      FREESCOUT_BASE_URL: 'ftp://tickets.example.com',
      FREESCOUT_API_KEY: 'a key',
      FREESCOUT_OPERATIONS_MAILBOX_ID: 'ops',
      FREESCOUT_TIMEOUT_MS: 'soon',
      SLACK_BOT_TOKEN: 'xoxb 1',
      SLACK_DM_USER_ID: '#ops',
    });
    expect(freescout).toMatchObject({ baseUrl: null, apiKey: null, operationsMailboxId: null, timeoutMs: 10_000 });
    expect(slack).toEqual({ botToken: null, dmUserId: null, apiUrl: null });
    expect(warnings).toHaveLength(6);
    for (const warning of warnings)
      expect(warning).toMatch(/^(FREESCOUT|SLACK)_\w+ (must|contains) .*: set it to .*\.$/);
  });

  it("has no operations mailbox if it is the customers' mailbox", () => {
    const { warnings, freescout } = readConfig({
      ...PRODUCTION,
      FREESCOUT_OPERATIONS_MAILBOX_ID: '3',
      FREESCOUT_SUPPORT_MAILBOX_ID: '3',
    });
    expect(freescout).toMatchObject({ operationsMailboxId: null, supportMailboxId: 3 });
    expect(warnings[0]).toMatch(/^FREESCOUT_OPERATIONS_MAILBOX_ID is the same mailbox/);
  });

  it('has no warning without FREESCOUT_ that the searches of the runbooks match', () => {
    const others = readConfig(PRODUCTION).warnings.filter((warning) => !warning.startsWith('FREESCOUT_'));
    expect(others.join('\n')).not.toMatch(/freescout|auto_ticket|investigate|ticket_filed/i);
  });
});

describe('readConfig', () => {
  it('takes 0 for a flag as forced off, and 1 as its default', () => {
    const { flags } = readConfig({
      ...PRODUCTION,
      FLAG_CONSOLE_ALERTS_AUTO_TICKET: '0',
      FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: '1',
    });
    expect(flags).toEqual({
      FLAG_CONSOLE_ALERTS_AUTO_TICKET: { forcedOff: true, default: false },
      FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: { forcedOff: false, default: true },
    });
  });

  it('removes the slash at the end of an address, and adds one to that of the Slack API', () => {
    const { publicUrl, freescout, slack } = readConfig({
      PUBLIC_URL: 'https://console.example.com:8443/',
      FREESCOUT_BASE_URL: 'https://example.com/tickets/',
      SLACK_API_URL: 'http://127.0.0.1:4000/api',
    });
    expect([publicUrl, freescout.baseUrl, slack.apiUrl]).toEqual([
      'https://console.example.com:8443',
      'https://example.com/tickets',
      'http://127.0.0.1:4000/api/',
    ]);
    expect(freescout.botEmail).toBe('console-bot@console.example.com');
  });

  it.each(['localhost', '127.8.0.1', '::1', '[::1]'])('requires no sign-in for the host %s', (host) => {
    expect(readConfig({ HOST: host }).host).toBe(host.replace(/[[\]]/g, ''));
  });

  it('puts brackets around an IPv6 host in the public address', () => {
    expect(readConfig({ HOST: '::1', PORT: '80' })).toMatchObject({ publicUrl: 'http://[::1]:80', portGiven: true });
  });

  it('accepts any host with a sign-in, and a plain-http issuer on loopback', () => {
    const config = readConfig({
      ...SIGN_IN,
      HOST: '0.0.0.0',
      OIDC_ISSUER_URL: 'http://127.0.0.1:9000',
      OIDC_ROLE_MAP: 'urn:example:ops:admin, all staff:viewer',
    });
    expect(config.oidc).toEqual({
      issuerUrl: 'http://127.0.0.1:9000',
      clientId: 'console',
      clientSecret: 'client-secret-of-the-console',
      scope: 'openid profile email',
      roleClaim: 'roles',
      roleMap: [
        { group: 'urn:example:ops', role: 'admin' },
        { group: 'all staff', role: 'viewer' },
      ],
    });
  });

  it('accepts several tokens of the same source', () => {
    const config = readConfig({ INGEST_TOKENS: 'grafana:new, grafana:old,', CONSOLE_API_TOKENS: 'deploy:admin:a:b' });
    expect(config.ingestTokens).toEqual([
      { source: 'grafana', token: 'new' },
      { source: 'grafana', token: 'old' },
    ]);
    expect(config.apiTokens).toEqual([{ name: 'deploy', role: 'admin', token: 'a:b' }]);
  });

  it('accepts the log level as log lines print it', () => {
    expect(readConfig({ LOG_LEVEL: 'WARNING' }).logLevel).toBe('warn');
  });

  it('warns of incomplete FreeScout settings outside production too', () => {
    const { warnings } = readConfig({ FREESCOUT_BASE_URL: 'https://tickets.example.com' });
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/^FREESCOUT_API_KEY is not set, so no ticket can be filed: set it to the key/);
  });
});

it('every setting is described once, with its meaning and what holds without it', () => {
  expect(new Set(SETTINGS.map(({ variable }) => variable)).size).toBe(SETTINGS.length);
  for (const { unset, meaning } of SETTINGS) expect(unset && meaning).toBeTruthy();
  expect(SETTINGS).toContainEqual(
    expect.objectContaining({ variable: 'PORT', unset: '3000', meaning: 'the port to listen on' }),
  );
});
