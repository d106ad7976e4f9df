import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { DayRows } from './dayRows.ts';

export interface DigestSecrets {
  /** Signs new digests; null: they are not signed. */
  secret: string | null;
  /** Signed the digests before it was replaced; null if there was none. */
  previous: string | null;
}

/** The sealed form of one day: what its rows were, and the digest that also covers every day before it. */
export interface Digest extends DayRows {
  digest: string;
  /** When it was sealed, in microseconds since 1970. */
  sealedAt: string;
  /** HMAC of the digest and of when it was sealed; null if it was sealed without a secret. */
  signature: string | null;
  /** Tells which secret signed it, and nothing about the secret. */
  key: string | null;
}

/** `foreign`: signed with a secret that is not among these. */
export type Signature = 'none' | 'valid' | 'wrong' | 'foreign';

interface Chain {
  /** The digest of the day before; null if there is none. */
  previous: string | null;
  sealedAt: string;
  secret: string | null;
}

/** Continues the chain: the digest of each day, given that of the day before. */
export function sealDays(days: readonly DayRows[], { previous, sealedAt, secret }: Chain): Digest[] {
  let last = previous;
  return days.map((rows) => {
    const digest = digestOf(rows, last);
    last = digest;
    return secret === null
      ? { ...rows, digest, sealedAt, signature: null, key: null }
      : { ...rows, digest, sealedAt, signature: sign(signedText(digest, sealedAt), secret), key: keyOf(secret) };
  });
}

export function signatureOf(
  { digest, sealedAt, signature, key }: Digest,
  { secret, previous }: DigestSecrets,
): Signature {
  if (key === null && signature === null) return 'none';
  const signer = [secret, previous].find((each) => each !== null && keyOf(each) === key);
  if (signer === undefined || signer === null) return 'foreign';
  return isSame(signature ?? '', sign(signedText(digest, sealedAt), signer)) ? 'valid' : 'wrong';
}

export const digestOf = ({ day, rowCount, rowsHash }: DayRows, previous: string | null): string =>
  createHash('sha256')
    .update(['auto-ticketing audit digest 1', day, rowCount, rowsHash, previous ?? ''].join('\n'))
    .digest('hex');

const signedText = (digest: string, sealedAt: string): string =>
  ['auto-ticketing audit signature 1', digest, sealedAt].join('\n');

const sign = (text: string, secret: string): string => createHmac('sha256', secret).update(text).digest('hex');

const keyOf = (secret: string): string => sign('auto-ticketing audit key', secret).slice(0, 8);

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
