import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { createProvider } from '../../src/identity/provider.ts';
import { classifyFailure, errorCode } from '../../src/identity/providerTrouble.ts';
import { newAttempt } from '../../src/identity/signInAttempt.ts';
import { createLog } from '../../src/log/log.ts';
import { type FakeProvider, foreignKey, startFakeProvider } from '../support/fakeProvider.ts';
import { SIGN_IN } from '../support/settings.ts';

const DESCRIPTION = '/.well-known/openid-configuration';

async function fakeProvider(): Promise<FakeProvider> {
  const fake = await startFakeProvider();
  onTestFinished(fake.stop);
  return fake;
}

function providerAt(issuer: string, env: Record<string, string> = {}) {
  const lines: string[] = [];
  const clock = { ms: 0 };
  const { oidc } = readConfig({ ...SIGN_IN, OIDC_ISSUER_URL: issuer, OIDC_CLIENT_SECRET: 'secret', ...env });
  if (oidc === null) throw new Error('there is no provider in these settings');
  const log = createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  const provider = createProvider({ oidc, publicUrl: 'https://console.example.com', log, now: () => clock.ms });
  return { provider, lines, clock };
}

/** Exchanges a response; `defect` changes the token of the provider. */
async function exchange(fake: FakeProvider, defect: FakeProvider['token'] = {}, env: Record<string, string> = {}) {
  const { provider } = providerAt(fake.issuer, env);
  const attempt = newAttempt('/console/status');
  fake.token = { ...defect, claims: { nonce: attempt.nonce, ...defect.claims } };
  return provider.exchange(new URLSearchParams({ code: 'c', state: attempt.state }), attempt);
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'believed',
    (error: unknown) => `${classifyFailure(error)} ${errorCode(error)}`,
  );

const now = () => Math.floor(Date.now() / 1000);

describe('the response of the provider', () => {
  it('a valid response identifies the person', async () => {
    const identity = await exchange(await fakeProvider());
    expect(identity).toMatchObject({ subject: '4711', claims: { email: 'ada@example.com', roles: ['sre'] } });
  });

  it.each<[string, FakeProvider['token']]>([
    ['a wrong nonce', { claims: { nonce: 'another' } }],
    ['no nonce', { claims: { nonce: undefined } }],
    ['another audience', { claims: { aud: 'another-client' } }],
    ['several audiences and another party', { claims: { aud: ['console', 'b'], azp: 'b' } }],
    ['another issuer', { claims: { iss: 'https://id.example.com' } }],
    ['no subject', { claims: { sub: undefined } }],
    ['an expiry in the past', { claims: { iat: now() - 4_000, exp: now() - 400 } }],
    ['a start in the future', { claims: { nbf: now() + 400 } }],
    ['the key of another issuer', { key: foreignKey }],
    ['no signature', { alg: 'none' }],
    ['a signature made with our own secret', { alg: 'HS256' }],
  ])('a response with %s is refused', async (_, defect) => {
    expect(await failure(exchange(await fakeProvider(), defect))).toMatch(/^answer_invalid OAUTH_\w+$/);
  });

  it('clocks may differ by half a minute', async () => {
    const fake = await fakeProvider();
    await expect(exchange(fake, { claims: { iat: now() - 330, exp: now() - 30 } })).resolves.toBeDefined();
    await expect(exchange(fake, { claims: { iat: now() + 30, nbf: now() + 30 } })).resolves.toBeDefined();
  });

  it('user info of another subject is refused', async () => {
    const fake = await fakeProvider();
    fake.metadata = { userinfo_endpoint: `${fake.issuer}/userinfo` };
    fake.answers['/userinfo'] = (_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"sub":"0815","roles":["sre"]}');
    expect(await failure(exchange(fake, { claims: { roles: undefined } }))).toMatch(/^answer_invalid/);
  });

  it('user info completes the ID token and overrides nothing', async () => {
    const fake = await fakeProvider();
    fake.metadata = { userinfo_endpoint: `${fake.issuer}/userinfo` };
    const userInfo = JSON.stringify({ sub: '4711', roles: ['sre'], email: 'eve@example.com' });
    fake.answers['/userinfo'] = (_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(userInfo);
    const { claims } = await exchange(fake, { claims: { roles: undefined } });
    expect(claims).toMatchObject({ roles: ['sre'], email: 'ada@example.com' });
  });
});

it('the next refresh token is returned although the user info could not be read after it was issued', async () => {
  const fake = await fakeProvider();
  const { provider } = providerAt(fake.issuer);
  const json = { 'content-type': 'application/json' };
  fake.metadata = { userinfo_endpoint: `${fake.issuer}/userinfo` };
  fake.answers['/token'] = (_, response) =>
    response
      .writeHead(200, json)
      .end('{"access_token":"at","token_type":"Bearer","expires_in":60,"refresh_token":"second"}');
  fake.answers['/userinfo'] = (_, response) => response.writeHead(500, json).end('{}');
  expect(await provider.readAgain('first', '4711')).toEqual({ error: expect.any(Error), grant: 'second' });
  fake.answers['/userinfo'] = (_, response) => response.writeHead(200, json).end('{"sub":"4711","roles":["sre"]}');
  expect(await provider.readAgain('second', '4711')).toMatchObject({ claims: { roles: ['sre'] }, grant: 'second' });
});

it('the next refresh token is returned although the ID token beside it could not be verified', async () => {
  const fake = await fakeProvider();
  const { provider } = providerAt(fake.issuer);
  fake.issued = { refresh_token: 'second' };
  fake.answers['/jwks'] = (_, response) => response.writeHead(503).end();
  expect(await provider.readAgain('first', '4711')).toEqual({ error: expect.any(Error), grant: 'second' });
  delete fake.answers['/jwks'];
  fake.token = { key: foreignKey };
  fake.issued = { refresh_token: 'third' };
  expect(await provider.readAgain('second', '4711')).toEqual({ error: expect.any(Error), grant: 'third' });
  fake.token = {};
  fake.issued = { refresh_token: 'fourth' };
  expect(await provider.readAgain('third', '4711')).toMatchObject({ claims: { roles: ['sre'] }, grant: 'fourth' });
});

it('a refresh token that was issued for another person is not returned', async () => {
  const fake = await fakeProvider();
  fake.issued = { refresh_token: 'of somebody else' };
  const { provider } = providerAt(fake.issuer);
  expect(await provider.readAgain('first', '0815')).toEqual({ error: expect.any(Error), grant: null });
});

it('a refresh token that the provider refuses fails the call', async () => {
  const fake = await fakeProvider();
  fake.answers['/token'] = (_, response) =>
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
  await expect(providerAt(fake.issuer).provider.readAgain('first', '4711')).rejects.toMatchObject({
    error: 'invalid_grant',
  });
});

describe('the client secret', () => {
  it('the client secret is sent in the header, or in the body if the provider supports only that', async () => {
    const fake = await fakeProvider();
    await exchange(fake);
    expect(fake.requests.find(({ path }) => path === '/token')?.authorization).toMatch(/^Basic /);
    fake.metadata = { token_endpoint_auth_methods_supported: ['client_secret_post'] };
    fake.requests.length = 0;
    await exchange(fake);
    expect(fake.requests.find(({ path }) => path === '/token')).toMatchObject({
      authorization: undefined,
      body: expect.stringContaining('client_secret=secret'),
    });
  });

  it('the client secret is sent in the body after the header was refused', async () => {
    const fake = await fakeProvider();
    fake.answers['/token'] = (request, response) => {
      if (request.headers.authorization === undefined) return false;
      response.writeHead(401, { 'content-type': 'application/json', 'www-authenticate': 'Basic' });
      return response.end('{"error":"invalid_client"}');
    };
    await expect(exchange(fake)).resolves.toMatchObject({ subject: '4711' });
    const methods = fake.requests.filter(({ path }) => path === '/token').map(({ authorization }) => authorization);
    expect(methods).toEqual([expect.stringMatching(/^Basic /), undefined]);
  });

  it('two first sign-ins at once both succeed where the client secret is accepted in the body only', async () => {
    const fake = await fakeProvider();
    const { provider } = providerAt(fake.issuer);
    const attempt = newAttempt('/console/status');
    fake.token = { claims: { nonce: attempt.nonce } };
    const late: (() => void)[] = [];
    let inHeader = 0;
    fake.answers['/token'] = (request, response) => {
      if (request.headers.authorization === undefined) {
        for (const refuse of late.splice(0)) refuse();
        return false;
      }
      const refuse = () =>
        response
          .writeHead(401, { 'content-type': 'application/json', 'www-authenticate': 'Basic' })
          .end('{"error":"invalid_client"}');
      inHeader += 1;
      // The second one is refused when the first one has changed the method.
      if (inHeader === 2) late.push(refuse);
      else refuse();
      return true;
    };
    const signIn = () => provider.exchange(new URLSearchParams({ code: 'c', state: attempt.state }), attempt);
    expect(await Promise.all([signIn(), signIn()])).toMatchObject([{ subject: '4711' }, { subject: '4711' }]);
  });

  it('a wrong client secret is told apart from an invalid response', async () => {
    const fake = await fakeProvider();
    fake.answers['/token'] = (_, response) =>
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_client"}');
    expect(await failure(exchange(fake))).toBe('client_refused invalid_client');
  });
});

describe('a misbehaving provider', () => {
  it('a redirect of the provider is not followed', async () => {
    const fake = await fakeProvider();
    fake.answers['/token'] = (_, response) => response.writeHead(302, { location: `${fake.issuer}/other` }).end();
    expect(await failure(exchange(fake))).toMatch(/^provider_unavailable/);
    expect(fake.requests.map(({ path }) => path)).not.toContain('/other');
  });

  it('an endless response of the provider is cut off', async () => {
    const fake = await fakeProvider();
    fake.answers['/jwks'] = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    };
    expect(await failure(exchange(fake))).toBe('provider_unavailable TOO_LARGE');
  });

  it('a provider that does not answer times out', async () => {
    const fake = await fakeProvider();
    fake.answers[DESCRIPTION] = () => undefined;
    expect(await providerAt(fake.issuer).provider.trouble()).toBe('OAUTH_TIMEOUT');
  });

  it('a provider that names plain http addresses gets no secrets', async () => {
    const fake = await fakeProvider();
    fake.metadata = { token_endpoint: 'http://id.example.com/token' };
    expect(await failure(exchange(fake))).toBe('provider_unavailable PLAIN_HTTP');
    fake.metadata = { authorization_endpoint: 'http://id.example.com/authorize' };
    const { provider } = providerAt(fake.issuer);
    await expect(provider.authorizationUrl(newAttempt('/'))).rejects.toThrow('without TLS');
  });

  it('a provider with another issuer name is refused', async () => {
    const fake = await fakeProvider();
    fake.metadata = { issuer: 'https://id.example.com' };
    expect(await providerAt(fake.issuer).provider.trouble()).toBe('OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED');
  });

  it('a provider that failed is used again after a pause', async () => {
    const fake = await fakeProvider();
    fake.answers[DESCRIPTION] = (_, response) => response.writeHead(503).end();
    const { provider, lines, clock } = providerAt(fake.issuer);
    expect(await provider.trouble()).toBe('OAUTH_RESPONSE_IS_NOT_CONFORM');
    delete fake.answers[DESCRIPTION];
    expect(await provider.trouble()).toBe('OAUTH_RESPONSE_IS_NOT_CONFORM');
    expect(fake.requests).toHaveLength(1);
    clock.ms += 5_001;
    expect(await provider.trouble()).toBeNull();
    expect(lines.filter((line) => line.includes('"WARNING"'))).toHaveLength(1);
  });
});

describe('the metadata of the provider', () => {
  it('concurrent calls share one discovery, and metadata is refreshed in the background after an hour', async () => {
    const fake = await fakeProvider();
    const { provider, clock } = providerAt(fake.issuer);
    await Promise.all([provider.trouble(), provider.trouble(), provider.authorizationUrl(newAttempt('/'))]);
    expect(fake.requests).toHaveLength(1);
    fake.answers[DESCRIPTION] = (_, response) => response.writeHead(500).end();
    clock.ms += 3_600_001;
    expect(await provider.trouble()).toBeNull();
    await expect.poll(() => fake.requests.length).toBe(2);
    expect(await provider.trouble()).toBeNull();
  });
});

describe('addresses at the provider', () => {
  it('the sign-in address contains challenge, state, nonce and callback, but no secret', async () => {
    const fake = await fakeProvider();
    const attempt = newAttempt('/console/status');
    const { provider } = providerAt(fake.issuer, { OIDC_SCOPE: 'openid groups' });
    const url = new URL(await provider.authorizationUrl(attempt, 'login'));
    const { code_challenge: challenge, ...asked } = Object.fromEntries(url.searchParams);
    expect(asked).toEqual({
      client_id: 'console',
      response_type: 'code',
      redirect_uri: 'https://console.example.com/sign-in/callback',
      scope: 'openid groups',
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge_method: 'S256',
      prompt: 'login',
    });
    expect(challenge).toMatch(/^[\w-]{43}$/);
    expect(url.href).not.toContain(attempt.verifier);
  });

  it('the sign-out address exists only if the provider has one', async () => {
    const fake = await fakeProvider();
    const out = await providerAt(fake.issuer).provider.signOutUrl(
      'the.id.token',
      'https://console.example.com/sign-in',
    );
    expect(Object.fromEntries(new URL(out ?? '').searchParams)).toEqual({
      client_id: 'console',
      id_token_hint: 'the.id.token',
      post_logout_redirect_uri: 'https://console.example.com/sign-in',
    });
    fake.metadata = { end_session_endpoint: undefined };
    expect(await providerAt(fake.issuer).provider.signOutUrl('t', 'u')).toBeNull();
  });
});
