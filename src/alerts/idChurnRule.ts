/**
 * Decides when several ids of alike alerts mean that the sender gives one alert a new id each time. Alerts that a person
 * could tell apart are not alike, however evenly they come. Pure.
 */

/** An id of an active or new alert that was sent only once. */
export interface UnrepeatedId {
  alertKey: string;
  alertId: string;
  /** Digest of its texts with all times and measured values. */
  text: string;
  /** Milliseconds since 1970. */
  firstSeenAt: number;
}

/** Ids within this time belong to one cycle: several alerts may fire together. */
export const CYCLE_MIN_MS = 2_000;
/** A longer pause is not a cycle. */
export const CYCLE_MAX_MS = 15 * 60_000;
/** Cycles that are needed as evidence: with the same texts, and with others in which only times or measured values differ. */
const CYCLES_NEEDED = { same: 6, different: 12 };
/** The longest pause between cycles, as a multiple of the shortest, up to which they count as even. */
const MAX_PAUSE_RATIO = 3;

/**
 * Returns the first id, under which all others count, and the longest pause between cycles in milliseconds; null if
 * the ids may be different alerts. Ids churn when each of the last cycles, evenly spaced, brought a new id and none was
 * sent again. `ids` is ordered from the oldest.
 */
export function findIdChurn(ids: readonly UnrepeatedId[]): { first: UnrepeatedId; cycleMs: number } | null {
  const cycles = sinceLastLongPause(groupByCycle(ids));
  const [first] = cycles[0] ?? [];
  if (!first) return null;
  const isSame = cycles.slice(-CYCLES_NEEDED.same).every((ids) => ids.every(({ text }) => text === first.text));
  const needed = isSame ? CYCLES_NEEDED.same : CYCLES_NEEDED.different;
  if (cycles.length < needed) return null;
  const starts = cycles.slice(-needed).map(([one]) => one?.firstSeenAt ?? 0);
  const pauses = starts.slice(1).map((at, n) => at - (starts[n] ?? 0));
  if (Math.max(...pauses) > MAX_PAUSE_RATIO * Math.min(...pauses)) return null;
  return { first, cycleMs: Math.max(...pauses) };
}

function groupByCycle(ids: readonly UnrepeatedId[]): UnrepeatedId[][] {
  const cycles: UnrepeatedId[][] = [];
  for (const id of ids) {
    const current = cycles.at(-1);
    if (current?.[0] && id.firstSeenAt - current[0].firstSeenAt < CYCLE_MIN_MS) current.push(id);
    else cycles.push([id]);
  }
  return cycles;
}

/** Drops the cycles before the last pause that is too long for a cycle. */
function sinceLastLongPause(cycles: UnrepeatedId[][]): UnrepeatedId[][] {
  const from = cycles.findLastIndex(
    ([one], n) => n > 0 && (one?.firstSeenAt ?? 0) - (cycles[n - 1]?.[0]?.firstSeenAt ?? 0) > CYCLE_MAX_MS,
  );
  return from < 0 ? cycles : cycles.slice(from);
}
