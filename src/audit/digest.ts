import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { addDays, type DayRows } from './dayRows.ts';

/** The sealed form of one day: what its rows were, and the digest that also covers every day before it. */
export interface Digest extends DayRows {
  digest: string;
  /** HMAC of the digest; null where it was sealed without a secret. */
  signature: string | null;
  /** Tells which secret signed it, and nothing about the secret. */
  key: string | null;
}

/** Continues the chain: the digest of each day, given that of the day before. */
export function sealDays(days: readonly DayRows[], previous: string | null, secret: string | null): Digest[] {
  let last = previous;
  return days.map((rows) => {
    const digest = digestOf(rows, last);
    last = digest;
    return secret === null
      ? { ...rows, digest, signature: null, key: null }
      : { ...rows, digest, signature: sign(digest, secret), key: keyOf(secret) };
  });
}

interface ChainCheck {
  /** Sentences about what does not fit; empty for an unbroken chain. */
  faults: string[];
  /** How many of the newest digests this secret does not vouch for; a signed digest vouches for all before it. */
  unsigned: number;
}

/** Checks that each digest follows from the one before it, that no day is left out, and the signatures of this secret. */
export function checkChain(digests: readonly Digest[], secret: string | null): ChainCheck {
  const faults: string[] = [];
  let unsigned = 0;
  let before: Digest | null = null;
  for (const digest of digests) {
    const { day } = digest;
    if (before !== null && day !== addDays(before.day, 1)) {
      faults.push(`The digests from ${addDays(before.day, 1)} to ${addDays(day, -1)} are missing.`);
    }
    if (digest.digest !== digestOf(digest, before?.digest ?? null)) {
      faults.push(`The digest of ${day} does not follow from the one before it.`);
    }
    unsigned += 1;
    if (secret !== null && digest.key === keyOf(secret)) {
      if (isSame(digest.signature ?? '', sign(digest.digest, secret))) unsigned = 0;
      else faults.push(`The signature of the digest of ${day} is wrong.`);
    }
    before = digest;
  }
  return { faults, unsigned };
}

const digestOf = ({ day, rowCount, rowsHash }: DayRows, previous: string | null): string =>
  createHash('sha256')
    .update(['auto-ticketing audit digest 1', day, rowCount, rowsHash, previous ?? ''].join('\n'))
    .digest('hex');

const sign = (digest: string, secret: string): string => createHmac('sha256', secret).update(digest).digest('hex');

const keyOf = (secret: string): string => sign('auto-ticketing audit key', secret).slice(0, 8);

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
