import { addDays, type DayRange } from './dayBatches.ts';
import { type Digest, type DigestSecrets, digestOf, type Signature, signatureOf } from './digest.ts';

/** What the digests say about each other and about who made them, without a look at the rows of the log. */

const DAY_MS = 86_400_000;
/** A day is sealed minutes after its end, by a worker that runs all the time. */
const LATE_MS = 2 * DAY_MS;

export interface SealedLate extends DayRange {
  /** When the last of these days was sealed. */
  at: Date;
}

interface ChainCheck {
  /** Sentences about what does not fit; empty for an unbroken chain. */
  faults: string[];
  /**
   * When the first digest was signed with one of the secrets: what was changed since then would be a fault. null if none
   * is signed with them.
   */
  signedSince: Date | null;
  /** Days that were sealed long after their end, but for those of the first run. */
  sealedLate: SealedLate[];
}

/** Checks that each digest follows from the one before it, that no day is left out, and the signatures. */
export function checkChain(digests: readonly Digest[], secrets: DigestSecrets): ChainCheck {
  const signatures = digests.map((digest) => signatureOf(digest, secrets));
  const firstValid = digests[signatures.indexOf('valid')];
  return {
    faults: [...brokenLinks(digests), ...signatureFaults(digests, signatures, secrets)],
    signedSince: firstValid === undefined ? null : sealedAt(firstValid),
    sealedLate: sealedLate(digests),
  };
}

/** Why the chain must not be continued after its newest digest, as a sentence; null if it may be. */
export function continuationFault(
  newest: Digest | null,
  { isAnySigned }: { isAnySigned: boolean },
  secrets: DigestSecrets,
): string | null {
  if (newest === null) return null;
  const signature = signatureOf(newest, secrets);
  const digest = `The digest of ${newest.day}`;
  if (signature === 'wrong') return `${digest} has a wrong signature.`;
  if (signature === 'none') return isAnySigned ? `${digest} is not signed, although earlier ones are.` : null;
  if (signature === 'valid' && secrets.secret !== null) return null;
  return secrets.secret === null
    ? `${digest} is signed, and AUDIT_DIGEST_SECRET is not set.`
    : `${digest} is signed neither with AUDIT_DIGEST_SECRET nor with AUDIT_DIGEST_SECRET_PREVIOUS.`;
}

function brokenLinks(digests: readonly Digest[]): string[] {
  return digests.flatMap((digest, n) => {
    const before = digests[n - 1];
    const faults: string[] = [];
    if (before !== undefined && digest.day !== addDays(before.day, 1)) {
      faults.push(`The digests from ${addDays(before.day, 1)} to ${addDays(digest.day, -1)} are missing.`);
    }
    if (digest.digest !== digestOf(digest, before?.digest ?? null)) {
      faults.push(`The digest of ${digest.day} does not follow from the one before it.`);
    }
    return faults;
  });
}

/**
 * A worker continues a signed digest only with its own signature. So one without a valid signature after a signed one was
 * not made by a worker.
 */
function signatureFaults(
  digests: readonly Digest[],
  signatures: readonly Signature[],
  secrets: DigestSecrets,
): string[] {
  const firstSigned = signatures.findIndex((signature) => signature !== 'none');
  const firstValid = signatures.indexOf('valid');
  const daysWith = (signature: Signature, after: number): string[] =>
    after === -1 ? [] : digests.flatMap(({ day }, n) => (n > after && signatures[n] === signature ? [day] : []));
  const wrong = digests.flatMap(({ day }, n) => (signatures[n] === 'wrong' ? [day] : []));
  return [
    ...rangesOf(wrong).map((days) => `The signature of the digest of ${spanOf(days)} is wrong.`),
    ...rangesOf(daysWith('none', firstSigned)).map(
      (days) => `The digest of ${spanOf(days)} is not signed, although earlier ones are.`,
    ),
    ...rangesOf(daysWith('foreign', firstValid)).map(
      (days) => `The digest of ${spanOf(days)} is signed with an unknown secret, although earlier ones are not.`,
    ),
    ...(secrets.secret !== null && firstValid === -1 && signatures.includes('foreign') ? [ALL_FOREIGN] : []),
  ];
}

const ALL_FOREIGN =
  'No digest is signed with AUDIT_DIGEST_SECRET: the workers have another secret, or somebody replaced the signatures.';

function sealedLate(digests: readonly Digest[]): SealedLate[] {
  const isLate = (digest: Digest) => sealedAt(digest).getTime() > Date.parse(addDays(digest.day, 1)) + LATE_MS;
  const firstInTime = digests.findIndex((digest) => !isLate(digest));
  const late = firstInTime === -1 ? [] : digests.slice(firstInTime).filter(isLate);
  const at = new Map(late.map((digest) => [digest.day, sealedAt(digest)]));
  return rangesOf(late.map(({ day }) => day)).map((range) => ({ ...range, at: at.get(range.to) ?? new Date(0) }));
}

const sealedAt = (digest: Digest): Date => new Date(Number(digest.sealedAt) / 1_000);

/** Consecutive days as one range. */
function rangesOf(days: readonly string[]): DayRange[] {
  const ranges: DayRange[] = [];
  for (const day of days) {
    const last = ranges.at(-1);
    if (last !== undefined && addDays(last.to, 1) === day) last.to = day;
    else ranges.push({ from: day, to: day });
  }
  return ranges;
}

const spanOf = ({ from, to }: DayRange): string => (from === to ? from : `each day from ${from} to ${to}`);
