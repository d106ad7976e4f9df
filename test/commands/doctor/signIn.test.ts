import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkSignIn } from '../../../src/commands/doctor/signIn.ts';
import { readConfig } from '../../../src/config/config.ts';
import { startFakeProvider } from '../../support/fakeProvider.ts';
import { SIGN_IN } from '../../support/settings.ts';

/** A provider with this response for its description; `null` cuts the connection. */
async function provider(answer: (issuer: string) => { status: number; body: string } | null): Promise<string> {
  const server = createServer((request, response) => {
    const description =
      request.url === '/realm/.well-known/openid-configuration' ? answer(issuer) : { status: 404, body: '' };
    if (description === null) request.socket.destroy();
    else response.writeHead(description.status, { 'Content-Type': 'application/json' }).end(description.body);
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realm`;
  return issuer;
}

const described = (issuer: string) => ({
  status: 200,
  body: JSON.stringify({ issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token` }),
});

const check = (issuer: string) => checkSignIn(readConfig({ ...SIGN_IN, OIDC_ISSUER_URL: issuer }), false);

describe('the client of the console', () => {
  const answering =
    (status: number, body: string, headers: Record<string, string> = {}) =>
    async () => {
      const fake = await startFakeProvider();
      onTestFinished(fake.stop);
      fake.answers['/token'] = (_, response) =>
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
      return (await check(fake.issuer))[0];
    };

  it('is ok if the provider rejects only the authorization code', async () => {
    const finding = await answering(400, '{"error":"invalid_grant"}')();
    expect(finding).toMatchObject({ state: 'ok', says: expect.stringContaining('/sign-in/callback') });
  });

  it.each([
    ['in the body', answering(400, '{"error":"invalid_client"}')],
    ['in a header', answering(401, '', { 'www-authenticate': 'Basic realm="id"' })],
  ])('fails if the provider rejects it %s', async (_, ask) => {
    expect(await ask()).toMatchObject({ state: 'FAIL', says: expect.stringContaining('OIDC_CLIENT_SECRET') });
  });

  it('is a warning if the answer of the provider is not conclusive', async () => {
    expect(await answering(500, '')()).toMatchObject({ state: 'WARN', says: expect.stringContaining('could not be') });
  });
});

it('a provider with another issuer fails', async () => {
  const [finding] = await check(await provider((issuer) => described(`${issuer}/other`)));
  expect(finding).toMatchObject({
    state: 'FAIL',
    says: expect.stringMatching(/names .* as its issuer: set OIDC_ISSUER_URL/),
  });
});

it.each([
  ['answers 500', { status: 500, body: '' }, /answers 500/],
  ['redirects', { status: 302, body: '' }, /answers 302/],
  ['is not a provider', { status: 200, body: '<html>' }, /does not describe an OpenID provider/],
  ['hangs up', null, /cannot be reached \(.+\)/],
])('an address that %s fails', async (_, answer, sentence) => {
  const [finding] = await check(await provider(() => answer));
  expect(finding).toMatchObject({ state: 'FAIL', says: expect.stringMatching(sentence) });
});

it('a console without OIDC is ok outside production', async () => {
  expect(await checkSignIn(readConfig({}), false)).toMatchObject([{ state: 'ok' }]);
});

it('a console without OIDC fails in production', async () => {
  expect(await checkSignIn(readConfig({}), true)).toMatchObject([{ state: 'FAIL' }]);
});

it('a scope that the provider does not list and a role map without an admin are warnings', async () => {
  const fake = await startFakeProvider();
  onTestFinished(fake.stop);
  fake.answers['/token'] = (_, response) =>
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
  fake.metadata = { scopes_supported: ['openid', 'profile', 'email'] };
  const warned = async (env: Record<string, string>) =>
    (await checkSignIn(readConfig({ ...SIGN_IN, OIDC_ISSUER_URL: fake.issuer, ...env }), true))
      .filter(({ state }) => state === 'WARN')
      .map(({ says }) => says);
  expect(await warned({ OIDC_SCOPE: 'openid grups', OIDC_ROLE_MAP: 'staff:operator' })).toEqual([
    'The provider does not list the scope grups: check OIDC_SCOPE if sign-in fails.',
    'OIDC_ROLE_MAP makes nobody an admin, so nobody can change the flags: map a group to admin.',
  ]);
  expect(await warned({ OIDC_SCOPE: 'openid', OIDC_ROLE_MAP: 'staff:admin' })).toEqual([]);
});
