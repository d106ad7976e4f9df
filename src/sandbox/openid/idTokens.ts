import { generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import type { Person } from './people.ts';

export interface IdTokens {
  /** The JSON Web Key Set. */
  keys: { keys: object[] };
  issue(claims: { issuer: string; person: Person; authenticatedAt: number; nonce: string | null }): string;
  /** The subject of a token that this provider issued, expired or not; null for any other text. */
  subjectOf(token: string): string | null;
}

/** Of the two algorithms that clients usually accept, the one whose keys are made at once. */
export const ALGORITHM = 'ES256';
const LIFETIME_S = 300;

/** Issues ID tokens, signed with a key that lasts as long as the process. */
export function createIdTokens(clientId: string): IdTokens {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomUUID();

  return {
    keys: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: ALGORITHM }] },
    issue({ issuer, person, authenticatedAt, nonce }) {
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        ...{ iss: issuer, aud: clientId, sub: person.subject, iat: now, exp: now + LIFETIME_S },
        auth_time: authenticatedAt,
        ...(nonce === null ? {} : { nonce }),
        email: person.email,
        email_verified: person.emailVerified,
        preferred_username: person.email.replace(/@.*$/, ''),
        roles: person.groups,
      };
      const input = [{ alg: ALGORITHM, typ: 'JWT', kid }, claims].map(encode).join('.');
      const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${input}.${signature.toString('base64url')}`;
    },
    subjectOf(token) {
      const [header = '', payload = '', signature = ''] = token.split('.');
      const input = Buffer.from(`${header}.${payload}`);
      const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
      if (!verify('sha256', input, key, Buffer.from(signature, 'base64url'))) return null;
      const claims: { sub: string } = JSON.parse(Buffer.from(payload, 'base64url').toString());
      return claims.sub;
    },
  };
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
