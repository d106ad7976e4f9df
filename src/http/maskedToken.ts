import { randomBytes, timingSafeEqual } from 'node:crypto';
import { digestOf } from '../identity/signedToken.ts';

/**
 * The CSRF token as it is in pages. Pages are compressed and may repeat text of a request, so a token that is the same on
 * every page could be guessed from the lengths of many responses (BREACH). The digest of the token is therefore
 * combined with random bytes that are new on each page.
 */
export function maskedToken(token: string): string {
  const mask = randomBytes(BYTES);
  return Buffer.concat([mask, combined(mask, digestOf(token))]).toString('base64url');
}

/** Whether the submitted text is `token` under any mask. Compares in constant time. */
export function matchesToken(token: string, submitted: string): boolean {
  const bytes = Buffer.from(submitted, 'base64url');
  if (bytes.length !== 2 * BYTES) return false;
  return timingSafeEqual(combined(bytes.subarray(0, BYTES), bytes.subarray(BYTES)), digestOf(token));
}

/** The length of a SHA-256 digest. */
const BYTES = 32;

const combined = (mask: Buffer, text: Buffer): Buffer =>
  Buffer.from(mask.map((byte, index) => byte ^ (text[index] ?? 0)));
