import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client';
import { z } from 'zod';
import { digestOf } from './signedToken.ts';

/** Kept in a cookie of the browser between the redirect to the provider and the return. */
export interface SignInAttempt {
  state: string;
  nonce: string;
  verifier: string;
  /** The page to go to afterwards. */
  to: string;
  /** The person must have entered their credentials within so many seconds. */
  maxAgeS?: number | undefined;
  /** When it expires, in milliseconds since 1970. */
  until: number;
}

/** Long enough to find a password and a second factor, too short for a forgotten tab. */
export const ATTEMPT_MS = 15 * 60_000;

const shape = z.object({
  state: z.string().min(20),
  nonce: z.string().min(20),
  verifier: z.string().min(43),
  to: z.string(),
  maxAgeS: z.number().optional(),
  until: z.number(),
});

export const newAttempt = (to: string, maxAgeS?: number): SignInAttempt => ({
  state: randomState(),
  nonce: randomNonce(),
  verifier: randomPKCECodeVerifier(),
  to,
  ...(maxAgeS === undefined ? {} : { maxAgeS }),
  until: Date.now() + ATTEMPT_MS,
});

export const encodeAttempt = (attempt: SignInAttempt): string =>
  Buffer.from(JSON.stringify(attempt)).toString('base64url');

/** The attempt, or null if the text is invalid or expired. The caller has verified its signature. */
export function decodeAttempt(text: string): SignInAttempt | null {
  try {
    const attempt = shape.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return attempt.until > Date.now() ? attempt : null;
  } catch {
    return null;
  }
}

/** Identifies a used attempt without storing its state. */
export const attemptDigest = ({ state }: Pick<SignInAttempt, 'state'>): Buffer => digestOf(state);
