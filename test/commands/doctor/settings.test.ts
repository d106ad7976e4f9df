import { expect, it } from 'vitest';
import { checkSettings } from '../../../src/commands/doctor/settings.ts';
import { PRODUCTION } from '../../support/settings.ts';

it('valid settings are one finding that is ok', () => {
  const { findings, config } = checkSettings({});
  expect(findings.map(({ state }) => state)).toEqual(['ok']);
  expect(config?.production).toBe(false);
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
  expect(findings.map(({ state, says }) => `${state} ${says.split(' ', 1)[0]}`)).toEqual([
    'FAIL PORT',
    'FAIL SESSION_SECRET',
  ]);
  expect(config?.freescout.apiKey).toBe('good-key');
  expect(config?.database.url).toBe(PRODUCTION.DATABASE_URL);
});

it.each([
  ['a public host without sign-in', { HOST: '0.0.0.0' }],
  ['an incomplete sign-in', { OIDC_CLIENT_ID: 'console' }],
  ['the same mailbox twice', { FREESCOUT_OPERATIONS_MAILBOX_ID: '3', FREESCOUT_SUPPORT_MAILBOX_ID: '3' }],
  ['the same token twice', { INGEST_TOKENS: 'a:token,b:token' }],
])('the other settings are kept despite %s', (_, env) => {
  const { findings, config } = checkSettings({ ...env, SLACK_DM_USER_ID: 'U1' });
  expect(findings.every(({ state }) => state === 'FAIL')).toBe(true);
  expect(config?.slack.dmUserId).toBe('U1');
});
