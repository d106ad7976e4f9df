import type { Pool } from 'pg';
import { prepared, queryPrepared } from '../db/prepared.ts';

export interface StormLimits {
  maxTickets: number;
  windowMinutes: number;
  /** Limit over all sources together; 0 for none. */
  maxTicketsTotal: number;
}

export interface StormSlots {
  /** Those that have a slot, also from earlier. */
  taken: ReadonlySet<string>;
  /** Those that another transaction holds: nothing is known of them, and they can be asked about again. */
  held: ReadonlySet<string>;
}

interface Asking {
  table: 'filings' | 'direct_messages' | 'shadow_tickets';
  source: string;
  /** In the order in which they get slots. */
  ids: readonly string[];
  /** Of filings: no slot before the filings that precede them in {@link stormOrder} and still wait for their decision. */
  inOrder?: boolean;
  /** Of those, filings that get no ticket for another reason: none of `ids` waits for them. */
  refused?: readonly string[];
}

/**
 * Takes one of the slots that a source (and all sources together) has in the storm window for each of these filings or
 * messages, as far as there are any. Slots are counted under a lock for the source, so that processes together never
 * exceed the limit. One statement, and not part of a longer transaction; see the function in the database.
 */
export async function takeStormSlots(
  pool: Pool,
  { maxTickets, maxTicketsTotal, windowMinutes }: StormLimits,
  { table, source, ids, inOrder = false, refused = [] }: Asking,
): Promise<StormSlots> {
  const { rows } = await queryPrepared<{ id: string; is_taken: boolean }>(pool, TAKE[table], [
    ...[source, ids, maxTickets, maxTicketsTotal, windowMinutes, inOrder, refused],
  ]);
  const answered = new Set(rows.map(({ id }) => id));
  return {
    taken: new Set(rows.flatMap(({ id, is_taken }) => (is_taken ? [id] : []))),
    held: new Set(ids.filter((id) => !answered.has(id))),
  };
}

const ARGUMENTS = '($1, $2, $3, $4, $5, $6, $7)';
const TAKE = {
  filings: prepared(`select slot_of as id, is_taken from storm_slots_of_filings${ARGUMENTS}`),
  direct_messages: prepared(`select slot_of as id, is_taken from storm_slots_of_direct_messages${ARGUMENTS}`),
  shadow_tickets: prepared(`select slot_of as id, is_taken from storm_slots_of_shadow_tickets${ARGUMENTS}`),
};

/** Compares what wants a slot: the most severe first, then what fired first, then by id. */
export const stormOrder = (a: WantsSlot, b: WantsSlot): number => (placeOf(a) < placeOf(b) ? -1 : 1);

interface WantsSlot {
  severity: string;
  since: string | null;
  id: string;
}

const placeOf = ({ severity, since, id }: WantsSlot): string => JSON.stringify([severity, since, id]);
