import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { databaseSettings } from '../../src/commands/databaseSettings.ts';
import { checkFreeScout } from '../../src/commands/doctor/freescout.ts';
import { checkSlack } from '../../src/commands/doctor/slack.ts';
import { readConfig } from '../../src/config/config.ts';
import { notConfigured } from '../../src/config/notConfigured.ts';
import { type Env, PRODUCTION, SIGN_IN, settingErrors } from '../support/settings.ts';

const COMPLETE: Env = {
  ...PRODUCTION,
  OIDC_ROLE_MAP: 'ops:admin',
  SURFACES_FILE: 'surfaces.yaml',
  FREESCOUT_BASE_URL: 'https://tickets.example.com',
  FREESCOUT_API_KEY: 'key-of-freescout-0123456789',
  FREESCOUT_OPERATIONS_MAILBOX_ID: '2',
  SLACK_BOT_TOKEN: 'xoxb-0123456789',
  SLACK_DM_USER_ID: 'U1',
};
const REPEATED = 'x'.repeat(40);

describe('a setting that is not safe', () => {
  it.each<{ what: string; env: Env; sentence: RegExp }>([
    {
      what: 'a public address without TLS',
      env: { PUBLIC_URL: 'http://console.example.com' },
      sentence: /^PUBLIC_URL starts with http:.* stolen on the way: set it to .*https:\/\/console\.example\.com\.$/,
    },
    {
      what: 'a provider without TLS',
      env: { OIDC_ISSUER_URL: 'http://id.example.com' },
      sentence: /^OIDC_ISSUER_URL must start with https:\/\/.*: set it to/,
    },
    {
      what: 'a database elsewhere without TLS',
      env: { DATABASE_URL: 'postgres://c:p@db.example.com/console' },
      sentence: /^DATABASE_URL leads to another machine without TLS, .*: set it to .*\?sslmode=verify-full\.$/,
    },
    {
      what: 'a database elsewhere with an unverified certificate',
      env: { DATABASE_URL: 'postgres://c:p@db.example.com/console?sslmode=no-verify' },
      sentence: /^DATABASE_URL leads to another machine whose certificate is not verified/,
    },
    {
      what: 'a second address of the database without TLS',
      env: { DATABASE_DIRECT_URL: 'postgres://c:p@10.0.0.5/console?sslmode=disable' },
      sentence: /^DATABASE_DIRECT_URL leads to another machine without TLS/,
    },
    {
      what: 'the address of the owner of the database without TLS',
      env: { DATABASE_OWNER_URL: 'postgres://o:p@10.0.0.5/console?sslmode=disable' },
      sentence: /^DATABASE_OWNER_URL leads to another machine without TLS/,
    },
    {
      what: 'the address of the readers of the database without TLS',
      env: { DATABASE_READER_URL: 'postgres://r:p@10.0.0.5/console?sslmode=disable' },
      sentence: /^DATABASE_READER_URL leads to another machine without TLS/,
    },
    {
      what: 'a short token of a sender',
      env: { INGEST_TOKENS: 'grafana:0123456789abcdef,sentry:0123456789abcde' },
      sentence: /^INGEST_TOKENS entry 2 has a token of fewer than 16 characters.*openssl rand -hex 32.*: set it to/,
    },
    {
      what: 'a token of one repeated character',
      env: { CONSOLE_API_TOKENS: `ops:admin:${REPEATED}` },
      sentence: /^CONSOLE_API_TOKENS entry 1 has a token of one repeated character/,
    },
    {
      what: 'a short token of a scraper',
      env: { METRICS_TOKEN: 'scrape' },
      sentence: /^METRICS_TOKEN consists of fewer than 16 characters/,
    },
    {
      what: 'a short client secret',
      env: { OIDC_CLIENT_SECRET: 'client' },
      sentence: /^OIDC_CLIENT_SECRET consists of fewer than 16 characters/,
    },
    {
      what: 'a session secret of one repeated character',
      env: { SESSION_SECRET: REPEATED },
      sentence: /^SESSION_SECRET consists of one repeated character.*: set it to a random text of at least 32/,
    },
    {
      what: 'a digest secret of one repeated character',
      env: { AUDIT_DIGEST_SECRET: REPEATED },
      sentence: /^AUDIT_DIGEST_SECRET consists of one repeated character.*openssl rand -hex 32/,
    },
    {
      what: 'a heartbeat without TLS',
      env: { HEARTBEAT_URL: 'http://alive.example.com/secret' },
      sentence: /^HEARTBEAT_URL starts with http:.* send heartbeats themselves, and OUTGOING_PLAIN_HTTP does not/,
    },
  ])('$what is refused in production, with its remedy, and is at most a warning elsewhere', ({ env, sentence }) => {
    const errors = settingErrors({ ...COMPLETE, ...env });
    expect(errors).toEqual([expect.stringMatching(sentence)]);
    const { NODE_ENV: _, ...elsewhere } = COMPLETE;
    if (env.OIDC_ISSUER_URL) return;
    expect(readConfig({ ...elsewhere, ...env }).warnings).toEqual([expect.stringMatching(sentence)]);
  });

  it('all of them are refused at once, and no value is shown', () => {
    const errors = settingErrors({
      ...COMPLETE,
      PUBLIC_URL: 'http://console.example.com',
      DATABASE_URL: 'postgres://c:hush@db.example.com/console',
      INGEST_TOKENS: 'grafana:hush1,sentry:hush2',
      CONSOLE_API_TOKENS: 'ops:admin:hush3',
      SESSION_SECRET: REPEATED,
      LOG_LEVEL: 'hush',
    });
    const names = ['LOG_LEVEL', 'PUBLIC_URL', 'DATABASE_URL', 'INGEST_TOKENS', 'INGEST_TOKENS', 'CONSOLE_API_TOKENS'];
    expect(errors.map((error) => error.split(' ')[0])).toEqual([...names, 'SESSION_SECRET']);
    expect(errors.join()).not.toMatch(/hush|xxx/);
  });

  it('production accepts a complete safe configuration, and loopback without TLS', () => {
    expect(readConfig(COMPLETE).warnings).toEqual([]);
    const local = {
      PUBLIC_URL: 'http://localhost:3000',
      DATABASE_URL: 'postgres://c:p@127.0.0.1/console',
      OIDC_ISSUER_URL: 'http://127.0.0.1:9000',
      FREESCOUT_BASE_URL: 'http://127.0.0.1:8080',
      SLACK_API_URL: 'http://[::1]:4000/api/',
      HEARTBEAT_URL: 'http://localhost:8000/alive',
    };
    expect(readConfig({ ...COMPLETE, ...local }).warnings).toEqual([]);
  });

  it('without any setting nothing is refused or warned of, and a sandbox without sign-in needs no https', () => {
    expect(readConfig({}).warnings).toEqual([]);
    expect(readConfig({ PUBLIC_URL: 'http://console.example.com' }).warnings).toEqual([]);
    expect(
      readConfig({ ...SIGN_IN, OIDC_ROLE_MAP: 'ops:admin', PUBLIC_URL: 'http://localhost:3000' }).warnings,
    ).toEqual([]);
  });

  it.each([
    ['fewer than 16 characters', 'hook'],
    ['one repeated character', REPEATED],
  ])(
    'a webhook secret of FreeScout of %s is not used in production, with a warning, and never stops the start',
    (weakness, secret) => {
      const env: Env = { ...COMPLETE, FREESCOUT_WEBHOOK_SECRET: secret };
      const sentence = expect.stringMatching(
        new RegExp(`^FREESCOUT_WEBHOOK_SECRET consists of ${weakness}, which can be guessed: set it to`),
      );
      expect(settingErrors(env)).toEqual([]);
      const { freescout, warnings } = readConfig(env);
      expect([freescout.webhookSecret, warnings]).toEqual([null, [sentence]]);
      const { NODE_ENV: _, ...elsewhere } = env;
      const developer = readConfig(elsewhere);
      expect([developer.freescout.webhookSecret, developer.warnings]).toEqual([secret, [sentence]]);
    },
  );

  it('a worker ignores weak settings that only the console uses', () => {
    const env = { ...COMPLETE, CONSOLE_API_TOKENS: 'ops:admin:short' };
    expect(readConfig(env, { console: false }).apiTokens).toEqual([]);
    expect(settingErrors(env)).toHaveLength(1);
  });
});

describe('the way to the database', () => {
  const ADDRESS = 'postgres://c:p@db.example.com/console';
  const accepts = (url: string, mode = '') =>
    settingErrors({ ...COMPLETE, DATABASE_URL: url, ...(mode === '' ? {} : { DATABASE_SSLMODE: mode }) }).length === 0;

  it.each([
    ['', false],
    ['?sslmode=disable', false],
    ['?sslmode=no-verify', false],
    ['?sslmode=allow', true],
    ['?sslmode=prefer', true],
    ['?sslmode=require', true],
    ['?sslmode=verify-ca', true],
    ['?sslmode=verify-full', true],
    ['?sslmode=verify-full&sslmode=disable', false],
    ['?ssl=true', true],
    ['?ssl=0', false],
    ['?ssl=no-verify', false],
    ['?uselibpqcompat=true&sslmode=require', false],
    ['?uselibpqcompat=true&sslmode=prefer', false],
    ['?uselibpqcompat=true&sslmode=verify-full', true],
    ['?host=10.0.0.5&sslmode=disable', false],
  ])('an address with %j counts as verified exactly if the driver verifies the certificate', (search, isAccepted) => {
    const { ssl } = new pg.Client({ connectionString: `${ADDRESS}${search}` }) as unknown as { ssl: Ssl };
    const verifies = typeof ssl === 'object' ? ssl.rejectUnauthorized !== false : ssl === true;
    expect([accepts(`${ADDRESS}${search}`), verifies]).toEqual([isAccepted, isAccepted]);
  });

  it.each(['postgres://c:p@localhost/x', 'postgres://c:p@[::1]/x', 'postgres://c:p@db/x?host=/var/run/postgresql'])(
    '%s is on this machine',
    (url) => expect(accepts(url)).toBe(true),
  );

  it('DATABASE_SSLMODE accepts what it names, and is the sslmode of an address without one', () => {
    expect([accepts(ADDRESS, 'no-verify'), accepts(ADDRESS, 'disable'), accepts(ADDRESS, 'verify-full')]).toEqual([
      true,
      true,
      true,
    ]);
    expect(accepts(`${ADDRESS}?sslmode=disable`, 'no-verify')).toBe(false);
    expect(accepts(`${ADDRESS}?sslmode=no-verify`, 'verify-full')).toBe(false);
    const heroku = { ...COMPLETE, DATABASE_URL: ADDRESS, DATABASE_SSLMODE: 'no-verify' };
    expect(readConfig(heroku).database.url).toBe(`${ADDRESS}?sslmode=no-verify`);
    expect(databaseSettings(heroku).url).toBe(`${ADDRESS}?sslmode=no-verify`);
    const own = `${ADDRESS}?sslmode=verify-full`;
    expect(readConfig({ ...heroku, DATABASE_URL: own }).database.url).toBe(own);
  });

  it('the release step refuses it as well', () => {
    const env = { NODE_ENV: 'production', DATABASE_URL: ADDRESS };
    expect(() => databaseSettings(env)).toThrow(/DATABASE_URL leads to another machine without TLS/);
    expect(databaseSettings({ DATABASE_URL: ADDRESS }).url).toBe(ADDRESS);
  });
});

describe('FreeScout and Slack over plain http', () => {
  const env: Env = {
    ...COMPLETE,
    FREESCOUT_BASE_URL: 'http://tickets.example.com',
    SLACK_API_URL: 'http://slack.example.com/api/',
  };

  it('they count as not configured, with the reason in log, banner and doctor, and never stop the start', async () => {
    expect(settingErrors(env)).toEqual([]);
    const { freescout, slack, warnings, ignored, ...config } = readConfig(env);
    const reasons = [
      expect.stringMatching(/^FREESCOUT_BASE_URL starts with http:.*: set it to the root of the FreeScout instance/),
      expect.stringMatching(/^SLACK_API_URL starts with http:.*: set it to/),
    ];
    expect([freescout.baseUrl, slack.apiUrl, slack.botToken]).toEqual([null, null, null]);
    expect(warnings).toEqual(reasons);
    expect(notConfigured({ freescout, slack, ignored })).toEqual([
      { part: 'FreeScout', missing: [], reasons: [reasons[0]] },
      { part: 'Slack', missing: [], reasons: [reasons[1]] },
    ]);
    const found = [
      ...(await checkFreeScout(freescout, config.production, undefined, ignored)),
      ...(await checkSlack(slack, config.production, undefined, { ignored })),
    ];
    expect(found.map(({ state }) => state)).toEqual(['FAIL', 'FAIL']);
    expect(found.map(({ says }) => says)).toEqual(reasons);
  });

  it('hosts in OUTGOING_PLAIN_HTTP are accepted, and outside production all are, with a warning', () => {
    const accepted = readConfig({ ...env, OUTGOING_PLAIN_HTTP: 'Tickets.example.com, slack.example.com' });
    expect([accepted.freescout.baseUrl, accepted.slack.botToken]).toEqual([
      env.FREESCOUT_BASE_URL,
      env.SLACK_BOT_TOKEN,
    ]);
    expect(accepted.warnings).toEqual([]);
    const { NODE_ENV: _, ...elsewhere } = env;
    const { freescout, slack, warnings } = readConfig(elsewhere);
    expect([freescout.baseUrl, slack.apiUrl, warnings.length]).toEqual([env.FREESCOUT_BASE_URL, env.SLACK_API_URL, 2]);
  });

  it('what is missing beside a reason is named as well', async () => {
    const { FREESCOUT_API_KEY: _, ...rest } = env;
    const config = readConfig(rest);
    expect(notConfigured(config)[0]).toEqual({
      part: 'FreeScout',
      missing: ['FREESCOUT_API_KEY'],
      reasons: [expect.stringContaining('starts with http:')],
    });
    const [found] = await checkFreeScout(config.freescout, config.production, undefined, config.ignored);
    expect(found?.says).toMatch(
      /FREESCOUT_BASE_URL starts with http:.*\. FREESCOUT_API_KEY is not set or not valid, so/,
    );
    expect(notConfigured(readConfig(PRODUCTION))).toEqual([
      {
        part: 'FreeScout',
        missing: ['FREESCOUT_BASE_URL', 'FREESCOUT_API_KEY', 'FREESCOUT_OPERATIONS_MAILBOX_ID'],
        reasons: [],
      },
      { part: 'Slack', missing: ['SLACK_BOT_TOKEN', 'SLACK_DM_USER_ID'], reasons: [] },
    ]);
  });
});

type Ssl = boolean | { rejectUnauthorized?: boolean };
