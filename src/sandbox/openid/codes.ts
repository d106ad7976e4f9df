import { createHash, randomBytes } from 'node:crypto';
import type { AuthorizationRequest } from './authorizationRequest.ts';
import type { SignedIn } from './signedIn.ts';

type Grant = { signedIn: SignedIn } & Pick<AuthorizationRequest, 'nonce' | 'challenge'>;

/** Authorization codes: each can be used once, within a minute, with the PKCE verifier of its request. */
export interface Codes {
  issue(grant: Grant): string;
  /** null for a code that is unknown, used, expired, or of another verifier. */
  redeem(code: string, verifier: string): Grant | null;
}

const LIFETIME_MS = 60_000;

export function createCodes(now: () => number = Date.now): Codes {
  const grants = new Map<string, Grant & { until: number }>();
  return {
    issue(grant) {
      const code = randomBytes(32).toString('base64url');
      grants.set(code, { ...grant, until: now() + LIFETIME_MS });
      return code;
    },
    redeem(code, verifier) {
      const grant = grants.get(code);
      grants.delete(code);
      if (grant === undefined || grant.until < now()) return null;
      return createHash('sha256').update(verifier).digest('base64url') === grant.challenge ? grant : null;
    },
  };
}
