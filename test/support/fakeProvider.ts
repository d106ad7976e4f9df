import { createHmac, createSign, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const foreignKey: KeyObject = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

export interface TokenOverrides {
  alg?: 'RS256' | 'HS256' | 'none';
  key?: KeyObject;
  kid?: string;
  typ?: string;
  claims?: Record<string, unknown>;
}

export interface FakeProvider {
  issuer: string;
  /** How the next ID token differs from a valid one. Its `nonce` claim has to be set here. */
  token: TokenOverrides;
  /** Added to the next responses of the token endpoint. */
  issued: Record<string, unknown>;
  /** Replaces the response at a path, unless it returns false. */
  answers: Record<string, (request: IncomingMessage, response: ServerResponse) => unknown>;
  /** Changes to the discovery document. */
  metadata: Record<string, unknown>;
  requests: { path: string; body: string; authorization: string | undefined }[];
  /** A valid logout token, except for these differences. */
  logoutToken(overrides?: TokenOverrides): string;
  stop(): void;
}

/** An OpenID provider whose responses a test can falsify. */
export async function startFakeProvider(clientId = 'console', secret = 'secret'): Promise<FakeProvider> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const path = request.url ?? '';
    fake.requests.push({ path, body, authorization: request.headers.authorization });
    const answer = fake.answers[path];
    if (answer && answer(request, response) !== false) return;
    const valid = validResponse(path);
    response.writeHead(valid === null ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(valid));
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake: FakeProvider = {
    issuer,
    token: {},
    issued: {},
    answers: {},
    metadata: {},
    requests: [],
    logoutToken,
    stop,
  };
  return fake;

  function stop(): void {
    server.closeAllConnections();
    server.close();
  }

  function validResponse(path: string): object | null {
    if (path === '/.well-known/openid-configuration') {
      return {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        end_session_endpoint: `${issuer}/end`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        ...fake.metadata,
      };
    }
    if (path === '/jwks') {
      return { keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'RS256' }] };
    }
    if (path === '/token') {
      return { access_token: 'at', token_type: 'Bearer', expires_in: 60, id_token: idToken(), ...fake.issued };
    }
    return null;
  }

  function idToken(): string {
    const now = Math.floor(Date.now() / 1000);
    const validClaims = { iss: issuer, aud: clientId, sub: '4711', iat: now, exp: now + 300 };
    return signed({ ...validClaims, email: 'ada@example.com', roles: ['sre'], ...fake.token.claims }, fake.token);
  }

  function logoutToken(overrides: TokenOverrides = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const validClaims = {
      iss: issuer,
      aud: clientId,
      sub: '4711',
      iat: now,
      exp: now + 120,
      jti: randomUUID(),
      events,
    };
    return signed({ ...validClaims, ...overrides.claims }, { typ: 'logout+jwt', ...overrides });
  }

  function signed(payload: object, { alg = 'RS256', key = keys.privateKey, kid = 'k', typ }: TokenOverrides): string {
    const input = [{ alg, kid, typ }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    if (alg === 'none') return `${input}.`;
    const signature =
      alg === 'HS256'
        ? createHmac('sha256', secret).update(input).digest('base64url')
        : createSign('RSA-SHA256').update(input).sign(key, 'base64url');
    return `${input}.${signature}`;
  }
}
