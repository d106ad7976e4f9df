/**
 * Filings that the help desk refused, or answered with an error, while it may well file others. Whether the fault lies in
 * the ticket or in the help desk is decided by evidence: a refusal is confirmed as the ticket's own when another filing
 * succeeds after it. Pure.
 */

interface Evidence {
  /** When it was refused first, and when it was last reported. */
  since: string;
  at: string;
  /** How often it was refused. */
  refusals: number;
  /** How many refusals were each followed by the success of another filing. */
  confirmed: number;
  /** Refusals since the last success of another filing. */
  unconfirmed: number;
}

export interface RefusedFiling extends Evidence {
  /** Actor id. */
  who: string;
  /** Its ticket may exist after all, so it does not wait for a turn yet. */
  inDoubt: boolean;
  /** Of these refusals, those whose answer may be about the ticket itself; absent if there is none. */
  own?: Evidence;
}

/** From here on the ticket itself is at fault: the next try is its last. */
const POISON = { refusals: 3, confirmed: 2, afterMs: 2 * 60_000 };
/** So many refusals of one ticket in a row, without a success of any other, are an outage again. */
const MAX_UNCONFIRMED = 3;
/** More are not remembered; those that were refused most often stay. */
const MAX_REMEMBERED = 50;
/** A filing that was not refused again for so long is done, or was lost. */
const FORGOTTEN_AFTER_MS = 10 * 60_000;

const msBetween = (from: string, to: string): number => Date.parse(to) - Date.parse(from);

const find = (refused: RefusedFiling[], who: string | null): RefusedFiling | undefined =>
  refused.find((filing) => filing.who === who);

export const wasRefused = (refused: RefusedFiling[], who: string | null): boolean => find(refused, who) !== undefined;

export const refusalsOf = (refused: RefusedFiling[], who: string): number => find(refused, who)?.refusals ?? 0;

/** `isOwn`: the answer may be about the ticket itself. */
export function refusalCounted(
  refused: RefusedFiling[],
  who: string,
  at: string,
  { inDoubt, isOwn }: { inDoubt: boolean; isOwn: boolean },
): RefusedFiling[] {
  const before = find(refused, who);
  const own = isOwn ? oneMore(before?.own, at) : before?.own;
  const now = { ...oneMore(before, at), who, inDoubt, ...(own && { own }) };
  return [...without(refused, who), now].toSorted((a, b) => b.refusals - a.refusals).slice(0, MAX_REMEMBERED);
}

const oneMore = ({ since, refusals, confirmed, unconfirmed }: Omit<Evidence, 'at'> = NONE, at: string): Evidence => ({
  since: since || at,
  at,
  refusals: refusals + 1,
  confirmed,
  unconfirmed: unconfirmed + 1,
});

const NONE = { since: '', refusals: 0, confirmed: 0, unconfirmed: 0 };

export const notForgotten = (refused: RefusedFiling[], now: string): RefusedFiling[] =>
  refused.filter(({ at }) => msBetween(at, now) < FORGOTTEN_AFTER_MS);

/** The filing reported that it waits: it is not in doubt any more. */
export const doubtEnded = (refused: RefusedFiling[], who: string | null): RefusedFiling[] =>
  find(refused, who)?.inDoubt
    ? refused.map((filing) => (filing.who === who ? { ...filing, inDoubt: false } : filing))
    : refused;

/** Another filing succeeded, so the refusals before it were the tickets' own. */
export const confirmedBy = (refused: RefusedFiling[], successful: string | null): RefusedFiling[] =>
  without(refused, successful).map((filing) => ({
    ...confirmedOnce(filing),
    ...(filing.own && { own: confirmedOnce(filing.own) }),
  }));

const confirmedOnce = <E extends Evidence>(evidence: E): E =>
  evidence.unconfirmed === 0 ? evidence : { ...evidence, confirmed: evidence.confirmed + 1, unconfirmed: 0 };

export const without = (refused: RefusedFiling[], who: string | null): RefusedFiling[] =>
  refused.filter((filing) => filing.who !== who);

/**
 * The ticket itself is at fault: others were filed after its refusals, the last one included, and again and again. Answers
 * about the load or the key do not count, even if only this ticket met them.
 */
export function isPoison(refused: RefusedFiling[], who: string): boolean {
  const own = find(refused, who)?.own;
  return (
    own !== undefined &&
    own.unconfirmed === 0 &&
    own.refusals >= POISON.refusals &&
    own.confirmed >= POISON.confirmed &&
    msBetween(own.since, own.at) >= POISON.afterMs
  );
}

/** Another refusal of this ticket says nothing about the help desk. */
export function isInconclusive(refused: RefusedFiling[], who: string): boolean {
  const filing = find(refused, who);
  return filing !== undefined && filing.confirmed > 0 && filing.unconfirmed < MAX_UNCONFIRMED;
}

export const anyInDoubt = (refused: RefusedFiling[]): boolean => refused.some(({ inDoubt }) => inDoubt);
