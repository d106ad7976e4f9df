/**
 * The two instants of a row of `alert_sightings` or `alert_resolutions`, as SQL. In rows that the previous release wrote,
 * `sent_at` has what is known of either.
 */

/** When the sender said it, by its own clock. */
export const ownInstant = (row: string): string =>
  `case when ${row}.arrived_at is null then ${row}.sent_at else ${row}.own_at end`;

/**
 * When its request was stored. One that is more than a day ahead was stored with a clock that was quite wrong; those that
 * follow it do not count as later.
 */
export function arrivalInstant(row: string): string {
  const instant = `greatest(${row}.arrived_at, case when ${row}.sent_at is distinct from ${row}.own_at then ${row}.sent_at end)`;
  return `case when ${instant} < clock_timestamp() + interval '1 day' then ${instant} end`;
}
