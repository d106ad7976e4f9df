import { expect, it } from 'vitest';
import { checkSettings } from '../../../src/commands/doctor/settings.ts';
import { PRODUCTION } from '../../support/settings.ts';

it('valid settings are one finding that is ok', () => {
  const { findings, config } = checkSettings({});
  expect(findings.map(({ state }) => state)).toEqual(['ok']);
  expect(config.production).toBe(false);
});

it('settings that production lacks are warnings', () => {
  const { findings } = checkSettings(PRODUCTION);
  expect(findings.map(({ state, says }) => `${state} ${says.split(' ', 1)[0]}`)).toEqual([
    'ok All',
    'WARN FREESCOUT_BASE_URL',
    'WARN FREESCOUT_API_KEY',
    'WARN FREESCOUT_OPERATIONS_MAILBOX_ID',
    'WARN SLACK_BOT_TOKEN',
    'WARN SLACK_DM_USER_ID',
    'WARN SURFACES_FILE',
    'WARN OIDC_ROLE_MAP',
  ]);
});

it('all errors are reported at once, and the valid settings are kept', () => {
  const { SESSION_SECRET: _, ...env } = PRODUCTION;
  const { findings, config } = checkSettings({ ...env, PORT: 'x', FREESCOUT_API_KEY: 'good-key' });
  const failed = findings.filter(({ state }) => state === 'FAIL');
  expect(failed.map(({ says }) => says.split(' ', 1)[0])).toEqual(['PORT', 'SESSION_SECRET']);
  expect(config.freescout.apiKey).toBe('good-key');
  expect(config.database.url).toBe(PRODUCTION.DATABASE_URL);
});

it.each([
  ['a public host without sign-in', { HOST: '0.0.0.0' }],
  ['an incomplete sign-in', { OIDC_CLIENT_ID: 'console' }],
  ['the same mailbox twice', { FREESCOUT_OPERATIONS_MAILBOX_ID: '3', FREESCOUT_SUPPORT_MAILBOX_ID: '3' }],
  ['the same token twice', { INGEST_TOKENS: 'a:token,b:token' }],
])('the other settings are kept despite %s', (_, env) => {
  const { findings, config } = checkSettings({ ...env, SLACK_DM_USER_ID: 'U1' });
  expect(findings[0]?.state).toBe('FAIL');
  expect(config.slack.dmUserId).toBe('U1');
});

it('a faulty setting leaves the facts of production as they are', () => {
  const { config } = checkSettings({ ...PRODUCTION, OIDC_ROLE_MAP: 'sre:root' });
  expect(config.production).toBe(true);
  expect(config.flags.FLAG_CONSOLE_INVESTIGATE_FROM_STATUS.default).toBe(false);
  expect(config.host).toBe('0.0.0.0');
});

it.each([
  ['FREESCOUT_API_KY', 'FREESCOUT_API_KEY'],
  ['POLL_INTERVAL_SECS', 'POLL_INTERVAL_SECONDS'],
  ['SLACK_TOKEN', 'SLACK_BOT_TOKEN'],
  ['OIDC_ISSUER', 'OIDC_ISSUER_URL'],
  ['DATABASE_URI', 'DATABASE_URL'],
])('%s is reported as a misspelling of %s', (name, meant) => {
  const { findings } = checkSettings({ [name]: '1' });
  expect(findings.slice(1)).toEqual([
    { check: 'settings', state: 'WARN', says: `${name} is not a setting of this program: ${meant} may be meant.` },
  ]);
});

it.each([
  [
    'variables of the platform',
    { HOSTNAME: 'web', SESSION_MANAGER: 'x', NODE_OPTIONS: 'x', LOG_FILE: 'x', PORTS: '1' },
  ],
  ['a variable beside the setting that it resembles', { FREESCOUT_API_KEY2: 'old', FREESCOUT_API_KEY: 'new' }],
  ['an empty variable', { FREESCOUT_API_KY: ' ' }],
])('%s are not reported as misspellings', (_, env) => {
  expect(checkSettings(env).findings.filter(({ says }) => says.includes('not a setting'))).toEqual([]);
});
