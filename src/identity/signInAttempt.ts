import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client';
import { z } from 'zod';
import { digestOf } from './signedToken.ts';

/** What is remembered, in the browser that asked, between leaving for the provider and coming back. */
export interface SignInAttempt {
  state: string;
  nonce: string;
  verifier: string;
  /** The page to go to afterwards. */
  to: string;
  /** Milliseconds since 1970, after which nobody comes back from this. */
  until: number;
}

/** Long enough to find a phone and a password, short enough that nobody finds the tab of yesterday. */
export const ATTEMPT_MS = 15 * 60_000;

const shape = z.object({
  state: z.string().min(20),
  nonce: z.string().min(20),
  verifier: z.string().min(43),
  to: z.string(),
  until: z.number(),
});

export const newAttempt = (to: string): SignInAttempt => ({
  state: randomState(),
  nonce: randomNonce(),
  verifier: randomPKCECodeVerifier(),
  to,
  until: Date.now() + ATTEMPT_MS,
});

export const attemptText = (attempt: SignInAttempt): string =>
  Buffer.from(JSON.stringify(attempt)).toString('base64url');

/** The attempt as it was, or null for what is none or too old. Whether it is ours, its signature has to tell. */
export function readAttempt(text: string): SignInAttempt | null {
  try {
    const attempt = shape.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return attempt.until > Date.now() ? attempt : null;
  } catch {
    return null;
  }
}

/** Stands for the attempt where it must be recognised and tell nothing. */
export const attemptDigest = ({ state }: SignInAttempt): Buffer => digestOf(state);
