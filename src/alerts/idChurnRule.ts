/** When ids of alike alerts mean that their sender makes up a new one each time. Pure. */

/** An id that was sent once and never again, of an alert that is active or new. */
export interface UnrepeatedId {
  alertKey: string;
  alertId: string;
  /** Digest of what a person could tell it apart by from others with the same title and surface. */
  text: string;
  /** Milliseconds since 1970. */
  firstSeenAt: number;
}

/** Ids that come closer together than this came in one cycle: several alerts that fire together are legal. */
export const CYCLE_MIN_MS = 2_000;
/** Nobody repeats more seldom and still calls it repeating. */
export const CYCLE_MAX_MS = 15 * 60_000;
/** Where nobody could tell the alerts apart, and where details or address differ. */
const CYCLES_NEEDED = { same: 4, different: 10 };
/** The longest pause between two cycles may be so many times the shortest. */
const MAX_PAUSE_RATIO = 3;

/**
 * The first of them, which stands for all, and their cycle; null where they may well be different alerts. In each of
 * the last cycles, evenly spaced, there was another id, and none of them ever came back. `ids` from the oldest on.
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

/** Without what came before a pause that is too long for a cycle. */
function sinceLastLongPause(cycles: UnrepeatedId[][]): UnrepeatedId[][] {
  const from = cycles.findLastIndex(
    ([one], n) => n > 0 && (one?.firstSeenAt ?? 0) - (cycles[n - 1]?.[0]?.firstSeenAt ?? 0) > CYCLE_MAX_MS,
  );
  return from < 0 ? cycles : cycles.slice(from);
}
