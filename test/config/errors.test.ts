import { expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { SETTINGS } from '../../src/config/read.ts';
import { type Env, SIGN_IN, settingErrors } from '../support/settings.ts';

it.each<{ setting: string; env: Env; sentence: RegExp }>([
  {
    setting: 'a port that is not a number',
    env: { PORT: 'abc' },
    sentence: /^PORT must be a whole number from 0 to 65535: set it to the port .* 3000\.$/,
  },
  {
    setting: 'an outgoing proxy that is not http',
    env: { OUTGOING_PROXY: 'socks5://proxy.example.com' },
    sentence: /^OUTGOING_PROXY must be an address that starts with http:\/\/ or https:\/\/: set it to the proxy/,
  },
  {
    setting: 'an exception from the proxy with a scheme',
    env: { OUTGOING_NO_PROXY: 'example.com,https://example.org' },
    sentence: /^OUTGOING_NO_PROXY entry 2 must be a host, a domain, an address or a range of addresses/,
  },
  {
    setting: 'a file of authorities that does not exist',
    env: { OUTGOING_CA_FILE: '/nonexistent.pem' },
    sentence: /^OUTGOING_CA_FILE names a file that cannot be read \(ENOENT\)/,
  },
  {
    setting: 'a file of authorities without a certificate',
    env: { OUTGOING_CA_FILE: 'test/fixtures/tls/private.key' },
    sentence: /^OUTGOING_CA_FILE names a file without a certificate in PEM format/,
  },
  {
    setting: 'a name server without an address',
    env: { DNS_SERVERS: '10.0.0.53:53, dns.example.com' },
    sentence: /^DNS_SERVERS entry 2 must be the address of a name server/,
  },
  { setting: 'a port out of range', env: { PORT: '65536' }, sentence: /^PORT must be a whole number/ },
  {
    setting: 'a host with a scheme',
    env: { HOST: 'http://127.0.0.1' },
    sentence: /^HOST must be an address or a host name, without scheme and port: set it/,
  },
  { setting: 'half an address as host', env: { HOST: '127.0.0' }, sentence: /^HOST must be an address/ },
  {
    setting: 'a public host without sign-in',
    env: { HOST: '0.0.0.0' },
    sentence: /^HOST can be reached .*: set it to 127\.0\.0\.1, or set OIDC_ISSUER_URL, .*SESSION_SECRET/,
  },
  { setting: 'a public IPv6 host without sign-in', env: { HOST: '::' }, sentence: /^HOST can be reached/ },
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
    env: { SURFACES_ALLOW_PRIVATE: 'true' },
    sentence: /^SURFACES_ALLOW_PRIVATE must be 0 or 1: set it to/,
  },
  {
    setting: 'a database other than Postgres',
    env: { DATABASE_URL: 'mysql://root:hush@db/console' },
    sentence: /^DATABASE_URL must be an address that starts with postgres:\/\/: set it to/,
  },
  {
    setting: 'an unknown sslmode',
    env: { DATABASE_URL: 'postgres://db/console?sslmode=verify' },
    sentence: /^DATABASE_URL has an sslmode other than disable, .*: set it to/,
  },
  {
    setting: 'a password with an unescaped percent sign',
    env: { DATABASE_URL: 'postgres://me:100%@db/console' },
    sentence: /^DATABASE_URL has a user name or password with an unescaped percent sign/,
  },
  {
    setting: 'a pool that is too small',
    env: { DATABASE_POOL_SIZE: '1' },
    sentence: /^DATABASE_POOL_SIZE must be .* from 2 .*for 10\.$/,
  },
  {
    setting: 'a FreeScout address that is not http',
    env: { FREESCOUT_BASE_URL: 'ftp://tickets.example.com' },
    sentence: /^FREESCOUT_BASE_URL must be an address that starts with http:\/\//,
  },
  {
    setting: 'the address of the FreeScout API',
    env: { FREESCOUT_BASE_URL: 'https://tickets.example.com/api/' },
    sentence: /^FREESCOUT_BASE_URL must be the root of the instance, without \/api/,
  },
  {
    setting: 'a FreeScout address with a query',
    env: { FREESCOUT_BASE_URL: 'https://tickets.example.com/?a=b' },
    sentence: /^FREESCOUT_BASE_URL must not have a query/,
  },
  {
    setting: 'a key with a space',
    env: { FREESCOUT_API_KEY: 'abc def' },
    sentence: /^FREESCOUT_API_KEY contains spaces or other characters that cannot be sent in a header/,
  },
  {
    setting: 'a mailbox that is not a number',
    env: { FREESCOUT_OPERATIONS_MAILBOX_ID: 'ops' },
    sentence: /^FREESCOUT_OPERATIONS_MAILBOX_ID must be a whole number from 1/,
  },
  {
    setting: 'the same mailbox for operations and support',
    env: { FREESCOUT_OPERATIONS_MAILBOX_ID: '3', FREESCOUT_SUPPORT_MAILBOX_ID: '3' },
    sentence: /^FREESCOUT_OPERATIONS_MAILBOX_ID is the same mailbox as FREESCOUT_SUPPORT_MAILBOX_ID: set it to/,
  },
  {
    setting: 'a bot address without a host',
    env: { FREESCOUT_BOT_EMAIL: 'bot' },
    sentence: /^FREESCOUT_BOT_EMAIL must be an e-mail address: set it to/,
  },
  {
    setting: 'a timeout of zero',
    env: { FREESCOUT_TIMEOUT_MS: '0' },
    sentence: /^FREESCOUT_TIMEOUT_MS .* for 10000\.$/,
  },
  {
    setting: 'a doubt that may end while its request is under way',
    env: { FREESCOUT_TIMEOUT_MS: '10000', FREESCOUT_IN_DOUBT_SECONDS: '14' },
    sentence: /^FREESCOUT_IN_DOUBT_SECONDS is less than FREESCOUT_TIMEOUT_MS plus 5 s/,
  },
  {
    setting: 'a timeout that doubts do not outlast by default',
    env: { FREESCOUT_TIMEOUT_MS: '200000' },
    sentence:
      /^FREESCOUT_TIMEOUT_MS needs FREESCOUT_IN_DOUBT_SECONDS to be at least 5 s longer: .*: set it to the milliseconds/,
  },
  {
    setting: 'a Slack member that is not an id',
    env: { SLACK_DM_USER_ID: '@someone' },
    sentence: /^SLACK_DM_USER_ID must be the id of a member/,
  },
  {
    setting: 'an interval of zero',
    env: { POLL_INTERVAL_SECONDS: '0' },
    sentence: /^POLL_INTERVAL_SECONDS must be a whole number from 1 to 86400: set it to the seconds/,
  },
  {
    setting: 'an interval with a fraction',
    env: { POLL_INTERVAL_SECONDS: '1.5' },
    sentence: /^POLL_INTERVAL_SECONDS must be a whole number/,
  },
  {
    setting: 'a flag that is neither 0 nor 1',
    env: { FLAG_CONSOLE_ALERTS_AUTO_TICKET: 'true' },
    sentence: /^FLAG_CONSOLE_ALERTS_AUTO_TICKET must be 0 or 1: set it to 0 to force .* or 1/,
  },
  {
    setting: 'an entry without a token',
    env: { INGEST_TOKENS: 'grafana:abc,sentry' },
    sentence: /^INGEST_TOKENS entry 2 must have a token .*: set it to a list such as source:token/,
  },
  {
    setting: 'a source of the console itself',
    env: { INGEST_TOKENS: 'status_poller:abc' },
    sentence: /^INGEST_TOKENS entry 1 must not name status_poller, which is a source of the console itself/,
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
    setting: 'the same token twice',
    env: { INGEST_TOKENS: 'grafana:abc,sentry:abc' },
    sentence: /^INGEST_TOKENS entry 2 repeats a token that is already in use: set it/,
  },
  {
    setting: 'the same token for a sender and a script',
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
    setting: 'an incomplete sign-in',
    env: { ...SIGN_IN, OIDC_CLIENT_SECRET: '' },
    sentence: /^OIDC_CLIENT_SECRET is not set although other OIDC settings are: set it to/,
  },
  {
    setting: 'a sign-in without a session secret',
    env: { ...SIGN_IN, SESSION_SECRET: '' },
    sentence: /^SESSION_SECRET is not set although/,
  },
  {
    setting: 'a plain-http issuer that is not on loopback',
    env: { ...SIGN_IN, OIDC_ISSUER_URL: 'http://id.example.com' },
    sentence: /^OIDC_ISSUER_URL must start with https:\/\/.* loopback/,
  },
  {
    setting: 'an unknown role for a group',
    env: { ...SIGN_IN, OIDC_ROLE_MAP: 'ops:boss' },
    sentence: /^OIDC_ROLE_MAP entry 1 must have viewer/,
  },
  {
    setting: 'an unknown log level',
    env: { LOG_LEVEL: 'loud' },
    sentence:
      /^LOG_LEVEL is not a level: set it to .*: debug, info, warning, error or silent, or leave it unset for info\.$/,
  },
])('$setting is one error that names the variable and says what to set', ({ env, sentence }) => {
  const errors = settingErrors(env);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(sentence);
  expect(errors[0]).toMatch(/: set .*\.$/);
});

const NUMBERS = SETTINGS.flatMap(({ variable }) => {
  const [error = ''] = settingErrors({ [variable]: 'many' });
  const [, least, most] = /must be a whole number from (\d+) to (\d+):/.exec(error) ?? [];
  return least === undefined ? [] : [{ variable, least: Number(least), most: Number(most) }];
});

it('the settings that are numbers are found by their error', () => {
  expect(NUMBERS.length).toBeGreaterThan(25);
  expect(NUMBERS).toContainEqual({ variable: 'DATABASE_POOL_SIZE', least: 2, most: 200 });
});

it.each(NUMBERS)('$variable is refused with a sentence outside of $least to $most', ({ variable, least, most }) => {
  const sentence = expect.stringMatching(new RegExp(`^${variable} .*: set it to .*\\.$`));
  for (const outside of [least - 1, most + 1]) {
    expect(settingErrors({ [variable]: String(outside) })).toEqual([sentence]);
  }
  // An end may contradict the default of another setting.
  for (const end of [least, most]) {
    for (const error of settingErrors({ [variable]: String(end) })) expect(error).toEqual(sentence);
  }
});

it('all errors are reported at once, in the order of the documentation', () => {
  const errors = settingErrors({ PORT: 'abc', LOG_LEVEL: 'loud', INGEST_TOKENS: 'a,b' });
  expect(errors.map((error) => error.split(' ')[0])).toEqual(['PORT', 'INGEST_TOKENS', 'INGEST_TOKENS', 'LOG_LEVEL']);
});

it('an error of two settings is reported together with errors of other settings', () => {
  const errors = settingErrors({ PORT: 'abc', INGEST_TOKENS: 'grafana:abc', CONSOLE_API_TOKENS: 'deploy:admin:abc' });
  expect(errors.map((error) => error.split(' ')[0])).toEqual(['PORT', 'CONSOLE_API_TOKENS']);
});

it('the message of the error contains all sentences', () => {
  expect(() => readConfig({ PORT: 'abc', LOG_LEVEL: 'loud' })).toThrow(/PORT must.*\n.*LOG_LEVEL is/);
});

it('no error shows a value, which may be a secret in the wrong variable', () => {
  const secret = 'hush hush: ?';
  const errors = SETTINGS.flatMap(({ variable }) => settingErrors({ ...SIGN_IN, [variable]: secret }));
  expect(errors.length).toBeGreaterThan(25);
  expect(errors.join('\n')).not.toContain('hush');
});
