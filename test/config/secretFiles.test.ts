import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { databaseSettings } from '../../src/commands/databaseSettings.ts';
import { readConfig } from '../../src/config/config.ts';
import { withLiveSecrets } from '../../src/config/liveSecrets.ts';
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
    replace(read({ INGEST_TOKENS: 'a:other-token-0123456789', SESSION_SECRET: 'another-session-secret-of-32-chars' })),
  ).toEqual({
    inForce: ['FREESCOUT_API_KEY', 'INGEST_TOKENS'],
    needRestart: ['SESSION_SECRET'],
  });
  expect([freescout.apiKey, config.ingestTokens]).toEqual([
    'new-key',
    [{ source: 'a', token: 'other-token-0123456789' }],
  ]);
});
