import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { databaseSettings } from '../../src/commands/databaseSettings.ts';
import { readConfig } from '../../src/config/config.ts';
import { withLiveSecrets } from '../../src/config/liveSecrets.ts';
import { SETTINGS } from '../../src/config/read.ts';
import { SECRET_SETTINGS } from '../../src/config/secretFiles.ts';
import { secretsOf } from '../../src/config/secrets.ts';
import { PRODUCTION, settingErrors } from '../support/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'auto-ticketing-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

it('a secret may be read from a file, without the white space around it', () => {
  const { DATABASE_URL: url = '', SESSION_SECRET: _, ...rest } = PRODUCTION;
  const env = {
    ...rest,
    DATABASE_URL_FILE: file('database_url', `${url}\n`),
    SESSION_SECRET_FILE: file('session_secret', '  a-session-secret-of-32-characters\r\n'),
  };
  const { database, sessionSecret, warnings } = readConfig(env);
  expect([database.url, sessionSecret]).toEqual([url, 'a-session-secret-of-32-characters']);
  expect(warnings.filter((warning) => /(URL|SECRET)_FILE/.test(warning))).toEqual([]);
  expect(databaseSettings(env).url).toBe(url);
});

it('every secret may be in a file, and is masked in the log', () => {
  const named = SETTINGS.map(({ variable }) => variable).filter((name) => /_(SECRET|TOKENS?|KEY)$/.test(name));
  expect(SECRET_SETTINGS).toEqual(expect.arrayContaining(named));
  const secretOf = (name: string) => `${name.toLowerCase().replaceAll('_', '-')}-0123456789abcdef-fedcba`;
  const forms: Record<string, (secret: string) => string> = {
    INGEST_TOKENS: (secret) => `grafana:${secret}`,
    CONSOLE_API_TOKENS: (secret) => `deploy:admin:${secret}`,
    OUTGOING_PROXY: (secret) => `http://me:${secret}@proxy.example.com`,
    HEARTBEAT_URL: (secret) => `https://alive.example.com/${secret}`,
  };
  const database = (secret: string) => `postgres://me:${secret}@db.example.com/console?sslmode=verify-full`;
  const inFiles = SECRET_SETTINGS.map((name) => {
    const form = forms[name] ?? (name.startsWith('DATABASE') ? database : String);
    return [`${name}_FILE`, file(name, form(secretOf(name)))];
  });
  const { DATABASE_URL: _url, OIDC_CLIENT_SECRET: _client, SESSION_SECRET: _session, ...others } = PRODUCTION;
  const masked = secretsOf(readConfig({ ...others, ...Object.fromEntries(inFiles) })).join('\n');
  expect(SECRET_SETTINGS.filter((name) => !masked.includes(secretOf(name)))).toEqual([]);
});

it.each([
  [
    'that does not exist',
    () => ({ SESSION_SECRET_FILE: join(folder, 'none') }),
    /^SESSION_SECRET_FILE names a file that cannot be read \(ENOENT\)/,
  ],
  ['that is empty', () => ({ SESSION_SECRET_FILE: file('empty', '\n') }), /^SESSION_SECRET_FILE names an empty file/],
  [
    'with an invalid value',
    () => ({ SESSION_SECRET_FILE: file('short', 'short') }),
    /^SESSION_SECRET is shorter than 32 characters/,
  ],
  [
    'beside the setting itself',
    () => ({ SESSION_SECRET: 'a-session-secret-of-32-characters', SESSION_SECRET_FILE: file('other', 'y') }),
    /^SESSION_SECRET_FILE is set beside SESSION_SECRET/,
  ],
])('a file %s is one error', (_, env, sentence) => {
  const { SESSION_SECRET: _secret, ...rest } = PRODUCTION;
  expect(settingErrors({ ...rest, ...env() })).toEqual([expect.stringMatching(sentence)]);
});

it('a file of FreeScout or Slack that cannot be read is a warning in production', () => {
  const { warnings, freescout } = readConfig({ ...PRODUCTION, FREESCOUT_API_KEY_FILE: join(folder, 'none') });
  expect(freescout.apiKey).toBeNull();
  expect(warnings.filter((warning) => warning.startsWith('FREESCOUT_API_KEY'))).toEqual([
    expect.stringMatching(/^FREESCOUT_API_KEY_FILE names a file/),
  ]);
});

it('secrets that were replaced are in force at the next use, and those that were read once are named', () => {
  const path = file('key', 'old-key');
  const read = (change = {}) =>
    readConfig({ ...PRODUCTION, FREESCOUT_API_KEY_FILE: path, INGEST_TOKENS: 'a:token-of-a-0123456789', ...change });
  const { config, replace } = withLiveSecrets(read());
  const { freescout } = config;
  expect(freescout.apiKey).toBe('old-key');
  expect(replace(read())).toEqual({ inForce: [], needRestart: [] });
  file('key', 'new-key');
  expect(
    replace(
      read({
        INGEST_TOKENS: 'a:other-token-0123456789',
        METRICS_TOKEN: 'scraper-token-0123456789',
        SESSION_SECRET: 'another-session-secret-of-32-chars',
      }),
    ),
  ).toEqual({
    inForce: ['FREESCOUT_API_KEY', 'INGEST_TOKENS', 'METRICS_TOKEN'],
    needRestart: ['SESSION_SECRET'],
  });
  expect([freescout.apiKey, config.ingestTokens, config.metricsToken]).toEqual([
    'new-key',
    [{ source: 'a', token: 'other-token-0123456789' }],
    'scraper-token-0123456789',
  ]);
});
