import type { Pool } from 'pg';

export interface StormLimits {
  maxTickets: number;
  windowMinutes: number;
  /** Limit over all sources together; 0 for none. */
  maxTicketsTotal: number;
}

/**
 * Takes one of the slots that a source (and all sources together) has in the storm window for each of these filings or
 * messages, in their order. Returns those that have one, also from earlier. Slots are counted under a lock for the
 * source, so that processes together never exceed the limit. One statement; see migration 0030.
 */
export async function takeStormSlots(
  pool: Pool,
  { maxTickets, maxTicketsTotal, windowMinutes }: StormLimits,
  {
    table,
    source,
    ids,
  }: { table: 'filings' | 'direct_messages' | 'shadow_tickets'; source: string; ids: readonly string[] },
): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>('select take_storm_slots($1, $2, $3, $4, $5, $6) as id', [
    table,
    source,
    ids,
    maxTickets,
    maxTicketsTotal,
    windowMinutes,
  ]);
  return new Set(rows.map(({ id }) => id));
}
