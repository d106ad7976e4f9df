/** A check older than this many intervals and seconds is too old to vouch for a status. */
const LATE_INTERVALS = 3;
const LATE_SECONDS = 30;

/** Age in milliseconds at which the last check of a surface is late, if the surface has no interval of its own. */
export const lateAfterMs = (pollIntervalSeconds: number): number =>
  (LATE_INTERVALS * pollIntervalSeconds + LATE_SECONDS) * 1_000;

/** The same in SQL for the surface in the table alias `s`, by its own interval if it has one; `$1` is that of the others. */
export const LATE_MS = `coalesce((s.config->>'intervalSeconds')::float8 * ${LATE_INTERVALS * 1_000} + ${LATE_SECONDS * 1_000}, $1)`;
