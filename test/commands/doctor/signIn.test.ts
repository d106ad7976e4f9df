import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkSignIn } from '../../../src/commands/doctor/signIn.ts';
import { readConfig } from '../../../src/config/config.ts';
import { startFakeProvider } from '../../support/fakeProvider.ts';
import { SIGN_IN } from '../../support/settings.ts';

/** A provider that answers its description like this; `null` cuts the connection. */
async function provider(answer: (issuer: string) => { status: number; body: string } | null): Promise<string> {
  const server = createServer((request, response) => {
    const said = request.url === '/realm/.well-known/openid-configuration' ? answer(issuer) : { status: 404, body: '' };
    if (said === null) request.socket.destroy();
    else response.writeHead(said.status, { 'Content-Type': 'application/json' }).end(said.body);
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

describe('the client', () => {
  const answering =
    (status: number, body: string, headers: Record<string, string> = {}) =>
    async () => {
      const fake = await startFakeProvider();
      onTestFinished(fake.stop);
      fake.answers['/token'] = (_, response) =>
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
      return (await check(fake.issuer))[0];
    };

  it('is known to a provider that finds fault with the code alone', async () => {
    const finding = await answering(400, '{"error":"invalid_grant"}')();
    expect(finding).toMatchObject({ state: 'ok', says: expect.stringContaining('/sign-in/callback') });
  });

  it.each([
    ['in the body', answering(400, '{"error":"invalid_client"}')],
    ['in a header', answering(401, '', { 'www-authenticate': 'Basic realm="id"' })],
  ])('is refused %s', async (_, ask) => {
    expect(await ask()).toMatchObject({ state: 'FAIL', says: expect.stringContaining('OIDC_CLIENT_SECRET') });
  });

  it('is not known where the provider says nothing of it', async () => {
    expect(await answering(500, '')()).toMatchObject({ state: 'WARN', says: expect.stringContaining('could not be') });
  });
});

it('says that the provider calls itself otherwise', async () => {
  const [finding] = await check(await provider((issuer) => described(`${issuer}/other`)));
  expect(finding).toMatchObject({ state: 'FAIL', says: expect.stringMatching(/calls itself .*set OIDC_ISSUER_URL/) });
});

it.each([
  ['answers 500', { status: 500, body: '' }, /answers 500/],
  ['redirects', { status: 302, body: '' }, /answers 302/],
  ['is no provider', { status: 200, body: '<html>' }, /no description of an OpenID provider/],
  ['hangs up', null, /cannot be reached \(.+\)/],
])('says that the address %s', async (_, answer, sentence) => {
  const [finding] = await check(await provider(() => answer));
  expect(finding).toMatchObject({ state: 'FAIL', says: expect.stringMatching(sentence) });
});

it('is not looked for on a machine where nobody signs in', async () => {
  expect(await checkSignIn(readConfig({}), false)).toMatchObject([{ state: 'ok' }]);
});

it('is missed in production', async () => {
  expect(await checkSignIn(readConfig({}), true)).toMatchObject([{ state: 'FAIL' }]);
});
