import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { SETTINGS } from '../../src/config/read.ts';
import { type Env, faultsOf, SIGN_IN } from '../support/settings.ts';

describe.each<{ setting: string; env: Env; sentence: RegExp }>([
  {
    setting: 'a port that is no number',
    env: { PORT: 'abc' },
    sentence: /^PORT must be a whole number from 0 to 65535: set it to the port .* 3000\.$/,
  },
  { setting: 'a port out of range', env: { PORT: '65536' }, sentence: /^PORT must be a whole number/ },
  {
    setting: 'a host with a scheme',
    env: { HOST: 'http://127.0.0.1' },
    sentence: /^HOST must be an address or a host name, without scheme and port: set it/,
  },
  { setting: 'half an address as host', env: { HOST: '127.0.0' }, sentence: /^HOST must be an address/ },
  {
    setting: 'a public host that nobody signs in to',
    env: { HOST: '0.0.0.0' },
    sentence: /^HOST can be reached .*: set it to 127\.0\.0\.1, or set OIDC_ISSUER_URL, .*SESSION_SECRET/,
  },
  { setting: 'an IPv6 host that nobody signs in to', env: { HOST: '::' }, sentence: /^HOST can be reached/ },
  {
    setting: 'a public address with a path',
    env: { PUBLIC_URL: 'https://example.com/console' },
    sentence: /^PUBLIC_URL must not have a path: set it to/,
  },
  {
    setting: 'a public address that is not http',
    env: { PUBLIC_URL: 'console.example.com' },
    sentence: /^PUBLIC_URL must be an address that starts with http:\/\/ or https:\/\//,
  },
  {
    setting: 'a public address with a password',
    env: { PUBLIC_URL: 'https://me:hush@example.com' },
    sentence: /^PUBLIC_URL must not contain a user name or a password/,
  },
  {
    setting: 'a switch that is neither 0 nor 1',
    env: { TRUST_PROXY: 'true' },
    sentence: /^TRUST_PROXY must be 0 or 1: set it to/,
  },
  {
    setting: 'another database',
    env: { DATABASE_URL: 'mysql://root:hush@db/console' },
    sentence: /^DATABASE_URL must be an address that starts with postgres:\/\/: set it to/,
  },
  {
    setting: 'an unknown sslmode',
    env: { DATABASE_URL: 'postgres://db/console?sslmode=verify' },
    sentence: /^DATABASE_URL has an sslmode other than disable, .*: set it to/,
  },
  {
    setting: 'a password with a bare percent sign',
    env: { DATABASE_URL: 'postgres://me:100%@db/console' },
    sentence: /^DATABASE_URL has a user name or password with an unescaped percent sign/,
  },
  {
    setting: 'too small a pool',
    env: { DATABASE_POOL_SIZE: '1' },
    sentence: /^DATABASE_POOL_SIZE must be .* from 2 .*for 10\.$/,
  },
  {
    setting: 'a help desk that is not http',
    env: { FREESCOUT_BASE_URL: 'ftp://tickets.example.com' },
    sentence: /^FREESCOUT_BASE_URL must be an address that starts with http:\/\//,
  },
  {
    setting: 'the address of the API',
    env: { FREESCOUT_BASE_URL: 'https://tickets.example.com/api/' },
    sentence: /^FREESCOUT_BASE_URL must be the root of the instance, without \/api/,
  },
  {
    setting: 'an address with a query',
    env: { FREESCOUT_BASE_URL: 'https://tickets.example.com/?a=b' },
    sentence: /^FREESCOUT_BASE_URL must not have a query/,
  },
  {
    setting: 'a key with a blank',
    env: { FREESCOUT_API_KEY: 'abc def' },
    sentence: /^FREESCOUT_API_KEY contains spaces or other characters that cannot be sent in a header/,
  },
  {
    setting: 'a mailbox by name',
    env: { FREESCOUT_OPERATIONS_MAILBOX_ID: 'ops' },
    sentence: /^FREESCOUT_OPERATIONS_MAILBOX_ID must be a whole number from 1/,
  },
  {
    setting: 'one mailbox for both',
    env: { FREESCOUT_OPERATIONS_MAILBOX_ID: '3', FREESCOUT_SUPPORT_MAILBOX_ID: '3' },
    sentence: /^FREESCOUT_OPERATIONS_MAILBOX_ID is the same mailbox as FREESCOUT_SUPPORT_MAILBOX_ID: set it to/,
  },
  {
    setting: 'a bot without a host',
    env: { FREESCOUT_BOT_EMAIL: 'bot' },
    sentence: /^FREESCOUT_BOT_EMAIL must be an e-mail address: set it to/,
  },
  {
    setting: 'no time for a call',
    env: { FREESCOUT_TIMEOUT_MS: '0' },
    sentence: /^FREESCOUT_TIMEOUT_MS .* for 10000\.$/,
  },
  {
    setting: 'a member by name',
    env: { SLACK_DM_USER_ID: '@someone' },
    sentence: /^SLACK_DM_USER_ID must be the id of a member/,
  },
  {
    setting: 'an interval of nothing',
    env: { POLL_INTERVAL_SECONDS: '0' },
    sentence: /^POLL_INTERVAL_SECONDS must be a whole number from 1 to 86400: set it to the seconds/,
  },
  {
    setting: 'a fraction of an interval',
    env: { POLL_INTERVAL_SECONDS: '1.5' },
    sentence: /^POLL_INTERVAL_SECONDS must be a whole number/,
  },
  {
    setting: 'a flag in words',
    env: { FLAG_CONSOLE_ALERTS_AUTO_TICKET: 'true' },
    sentence: /^FLAG_CONSOLE_ALERTS_AUTO_TICKET must be 0 or 1: set it to 0 to force .* or 1/,
  },
  {
    setting: 'an entry without a token',
    env: { INGEST_TOKENS: 'grafana:abc,sentry' },
    sentence: /^INGEST_TOKENS entry 2 must have a token .*: set it to a list such as source:token/,
  },
  {
    setting: 'a source in capitals',
    env: { INGEST_TOKENS: 'Grafana:abc' },
    sentence: /^INGEST_TOKENS entry 1 must begin with a source of lower-case letters/,
  },
  {
    setting: 'an unknown role',
    env: { CONSOLE_API_TOKENS: 'deploy:root:abc' },
    sentence: /^CONSOLE_API_TOKENS entry 1 must have viewer, operator or admin as its role/,
  },
  {
    setting: 'a token without a role',
    env: { CONSOLE_API_TOKENS: 'deploy:abc' },
    sentence: /^CONSOLE_API_TOKENS entry 1 must have viewer/,
  },
  {
    setting: 'one token twice',
    env: { INGEST_TOKENS: 'grafana:abc,sentry:abc' },
    sentence: /^INGEST_TOKENS entry 2 repeats a token that is already in use: set it/,
  },
  {
    setting: 'one token for a sender and a script',
    env: { INGEST_TOKENS: 'grafana:abc', CONSOLE_API_TOKENS: 'deploy:admin:abc' },
    sentence: /^CONSOLE_API_TOKENS entry 1 repeats/,
  },
  {
    setting: 'a short session secret',
    env: { SESSION_SECRET: 'x'.repeat(31) },
    sentence: /^SESSION_SECRET is shorter than 32 characters: set it to a random text/,
  },
  {
    setting: 'scopes without openid',
    env: { ...SIGN_IN, OIDC_SCOPE: 'profile email' },
    sentence: /^OIDC_SCOPE must be names separated by spaces, and openid must be one of them: set it to/,
  },
  {
    setting: 'half a sign-in',
    env: { ...SIGN_IN, OIDC_CLIENT_SECRET: '' },
    sentence: /^OIDC_CLIENT_SECRET is not set although other OIDC settings are: set it to/,
  },
  {
    setting: 'a sign-in without a session secret',
    env: { ...SIGN_IN, SESSION_SECRET: '' },
    sentence: /^SESSION_SECRET is not set although/,
  },
  {
    setting: 'a plain-http issuer elsewhere',
    env: { ...SIGN_IN, OIDC_ISSUER_URL: 'http://id.example.com' },
    sentence: /^OIDC_ISSUER_URL must start with https:\/\/.* loopback/,
  },
  {
    setting: 'an unknown role for a group',
    env: { ...SIGN_IN, OIDC_ROLE_MAP: 'ops:boss' },
    sentence: /^OIDC_ROLE_MAP entry 1 must have viewer/,
  },
  {
    setting: 'an unknown level',
    env: { LOG_LEVEL: 'loud' },
    sentence: /^LOG_LEVEL must be one of .*: set it to .* for info\.$/,
  },
])('$setting', ({ env, sentence }) => {
  it('is one fault that names the variable and says what to set', () => {
    const faults = faultsOf(env);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(sentence);
    expect(faults[0]).toMatch(/: set .*\.$/);
  });
});

describe('faults', () => {
  it('come all together', () => {
    const faults = faultsOf({ PORT: 'abc', LOG_LEVEL: 'loud', INGEST_TOKENS: 'a,b' });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['PORT', 'INGEST_TOKENS', 'INGEST_TOKENS', 'LOG_LEVEL']);
  });

  it('are all in the message of the error', () => {
    expect(() => readConfig({ PORT: 'abc', LOG_LEVEL: 'loud' })).toThrow(/PORT must.*\n.*LOG_LEVEL must/);
  });

  it('never show a value, which may be a secret in the wrong place', () => {
    const secret = 'hush hush: ?';
    const told = SETTINGS.flatMap(({ variable }) => faultsOf({ ...SIGN_IN, [variable]: secret }));
    expect(told.length).toBeGreaterThan(25);
    expect(told.join('\n')).not.toContain('hush');
  });
});
