/**
 * A sender's instant that is further ahead of our clock than this is wrong, and counts as not given: the order of arrival
 * then decides. It is not replaced by the time of arrival, which cannot be compared with the sender's other instants.
 */
const MAX_AHEAD_SECONDS = 60;

/** SQL of the instant by the clock of the database; null if it is wrong. */
export const plausibleInstant = (instant: string): string =>
  `case when ${instant} <= clock_timestamp() + interval '${MAX_AHEAD_SECONDS} seconds' then ${instant} end`;

/** `now` in milliseconds since 1970. */
export const isPlausible = (instant: string, now: number): boolean =>
  Date.parse(instant) <= now + MAX_AHEAD_SECONDS * 1_000;
