/** SQL for the age of an instant in seconds: null if there is none, and never below 0 after the clock was set back. */
export const ageSeconds = (instant: string): string =>
  `case when ${instant} is not null then greatest(extract(epoch from clock_timestamp() - ${instant})::float8, 0) end`;

/** SQL for an instant as milliseconds since 1970; null if there is none. */
export const epochMs = (instant: string): string => `extract(epoch from ${instant})::float8 * 1000`;
