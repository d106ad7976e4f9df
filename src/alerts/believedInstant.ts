/**
 * A sender's instant that lies further ahead of our clock is wrong, and counts as not given: then the order of arrival
 * decides. It is not replaced by the time of its arrival, which cannot be compared with the sender's other instants.
 */
const MAX_AHEAD_SECONDS = 60;

/** SQL of the instant by the clock of the database; null where it is wrong. */
export const believedInstant = (instant: string): string =>
  `case when ${instant} <= clock_timestamp() + interval '${MAX_AHEAD_SECONDS} seconds' then ${instant} end`;

/** `now` in milliseconds since 1970. */
export const isBelieved = (instant: string, now: number): boolean =>
  Date.parse(instant) <= now + MAX_AHEAD_SECONDS * 1_000;
