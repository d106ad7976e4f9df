import { expect, it } from 'vitest';
import { checkChain, continuationFault } from '../../src/audit/checkChain.ts';
import { addDays } from '../../src/audit/dayBatches.ts';
import { type Digest, sealDays } from '../../src/audit/digest.ts';

const OLD = 'the-secret-before-of-32-characters';
const NEW = 'audit-digest-secret-of-32-characters';
const FIRST = '2026-05-01';
const SECRETS = { secret: NEW, previous: null };

/** `none`: sealed without a secret; `foreign`: as somebody signs who has none of the secrets. */
type Signer = 'none' | 'old' | 'new' | 'foreign';
const SECRET_OF = { none: null, old: OLD, new: NEW, foreign: 'a-secret-that-nobody-else-has-at-all' };

/** Minutes after the end of the day, so many days later. */
const sealedAt = (day: string, daysLater = 0): string =>
  String((Date.parse(addDays(day, 1 + daysLater)) + 600_000) * 1_000);

/** Consecutive days from 1 May on, each sealed by one of them. */
function chainOf(signers: readonly Signer[], daysLate: readonly number[] = []): Digest[] {
  const digests: Digest[] = [];
  for (const [n, signer] of signers.entries()) {
    const day = addDays(FIRST, n);
    const rows = { day, rowCount: 1, rowsHash: 'ab'.repeat(32) };
    const previous = digests.at(-1)?.digest ?? null;
    digests.push(...sealDays([rows], { previous, sealedAt: sealedAt(day, daysLate[n]), secret: SECRET_OF[signer] }));
  }
  return digests;
}

const UNSIGNED = /^The digest of .* is not signed, although earlier ones are\.$/;
const UNKNOWN = /^The digest of .* is signed with an unknown secret, although earlier ones are not\.$/;
const ALL_FOREIGN = /^No digest is signed with AUDIT_DIGEST_SECRET/;

it.each<{ signers: Signer[]; previous?: string; faults: RegExp[]; signedSince: string | null }>([
  { signers: ['new', 'new', 'new'], faults: [], signedSince: '2026-05-02T00:10:00.000Z' },
  // The secret was set later, and replaced later.
  { signers: ['none', 'none', 'new'], faults: [], signedSince: '2026-05-04T00:10:00.000Z' },
  { signers: ['none', 'none'], faults: [], signedSince: null },
  { signers: ['old', 'old', 'new'], faults: [], signedSince: '2026-05-04T00:10:00.000Z' },
  { signers: ['old', 'old', 'new'], previous: OLD, faults: [], signedSince: '2026-05-02T00:10:00.000Z' },
  // No worker goes on like this.
  { signers: ['new', 'none', 'none'], faults: [UNSIGNED], signedSince: '2026-05-02T00:10:00.000Z' },
  { signers: ['new', 'none', 'new'], faults: [UNSIGNED], signedSince: '2026-05-02T00:10:00.000Z' },
  { signers: ['none', 'foreign', 'none', 'new'], faults: [UNSIGNED], signedSince: '2026-05-05T00:10:00.000Z' },
  { signers: ['new', 'foreign', 'foreign'], faults: [UNKNOWN], signedSince: '2026-05-02T00:10:00.000Z' },
  { signers: ['new', 'foreign', 'new'], faults: [UNKNOWN], signedSince: '2026-05-02T00:10:00.000Z' },
  { signers: ['foreign', 'foreign'], faults: [ALL_FOREIGN], signedSince: null },
])(
  'digests signed by $signers, with the previous secret $previous, have the faults $faults',
  ({ signers, previous = null, faults, signedSince }) => {
    const check = checkChain(chainOf(signers), { secret: NEW, previous });
    expect(check.faults).toEqual(faults.map((fault) => expect.stringMatching(fault)));
    expect(check.signedSince?.toISOString() ?? null).toBe(signedSince);
  },
);

it('without a secret, signatures cannot be compared, and one that is missing after others is still a fault', () => {
  const nothing = { secret: null, previous: null };
  expect(checkChain(chainOf(['new', 'new']), nothing)).toMatchObject({ faults: [], signedSince: null });
  expect(checkChain(chainOf(['new', 'none']), nothing).faults).toEqual([expect.stringMatching(UNSIGNED)]);
});

it('the time of sealing is signed', () => {
  const [first, ...others] = chainOf(['new', 'new', 'new']) as [Digest, ...Digest[]];
  const backdated = { ...first, sealedAt: sealedAt(first.day, -1) };
  expect(checkChain([backdated, ...others], SECRETS).faults).toEqual([
    `The signature of the digest of ${FIRST} is wrong.`,
  ]);
});

it('days that were sealed long after their end are named, but for those of the first run', () => {
  const chain = chainOf(Array(9).fill('new'), [30, 29, 28, 0, 0, 5, 4, 1, 0]);
  expect(checkChain(chain, SECRETS)).toMatchObject({
    faults: [],
    sealedLate: [{ from: '2026-05-06', to: '2026-05-07', at: new Date('2026-05-12T00:10:00Z') }],
  });
  expect(checkChain(chainOf(['new', 'new'], [30, 29]), SECRETS).sealedLate).toEqual([]);
});

it.each<{ signers: Signer[]; secret: string | null; previous?: string; fault: RegExp | null }>([
  { signers: [], secret: NEW, fault: null },
  { signers: ['none'], secret: null, fault: null },
  { signers: ['none', 'none'], secret: NEW, fault: null },
  { signers: ['new'], secret: NEW, fault: null },
  { signers: ['old'], secret: NEW, previous: OLD, fault: null },
  { signers: ['old'], secret: NEW, fault: /neither with AUDIT_DIGEST_SECRET nor with AUDIT_DIGEST_SECRET_PREVIOUS/ },
  { signers: ['new'], secret: null, fault: /AUDIT_DIGEST_SECRET is not set/ },
  { signers: ['old'], secret: null, previous: OLD, fault: /AUDIT_DIGEST_SECRET is not set/ },
  { signers: ['new', 'none'], secret: NEW, fault: /is not signed, although earlier ones are/ },
  { signers: ['new', 'none'], secret: null, fault: /is not signed, although earlier ones are/ },
  { signers: ['new', 'foreign'], secret: NEW, fault: /neither with/ },
])(
  'a worker with the secrets $secret and $previous finds $fault after digests signed by $signers',
  ({ signers, secret, previous = null, fault }) => {
    const chain = chainOf(signers);
    const found = continuationFault(
      chain.at(-1) ?? null,
      { isAnySigned: signers.some((signer) => signer !== 'none') },
      { secret, previous },
    );
    if (fault === null) expect(found).toBeNull();
    else expect(found).toMatch(fault);
  },
);

it('no worker goes on after a digest whose signature is wrong', () => {
  const [digest] = chainOf(['new']) as [Digest];
  const forged = { ...digest, signature: '00'.repeat(32) };
  expect(continuationFault(forged, { isAnySigned: true }, SECRETS)).toMatch(/has a wrong signature/);
});
