import { type PageOf, SEARCHED_ROWS, type SearchedPage } from '../model/operations.ts';
import { encodeCursor, micros } from './keyset.ts';

/** The last actor that one request of a search looks at. */
export interface SearchEnd {
  /** When it changed, in microseconds. */
  key: string;
  id: string;
}

/**
 * Where one request of a search through actors `a` ends, so that it reads so many rows at most, however many there are.
 * The search goes from the last change back, and an index has to have the rows of `terms` in this order. Null if it
 * reaches the end of the list.
 */
export async function searchEnd(
  pool: { query(text: string, values: unknown[]): Promise<{ rows: SearchEnd[] }> },
  terms: readonly string[],
  values: readonly string[],
): Promise<SearchEnd | null> {
  const { rows } = await pool.query(
    `select ${micros('a.updated_at')} as key, a.id from actors a
     ${terms.length === 0 ? '' : `where ${terms.join(' and ')}`}
     order by a.updated_at desc, a.id desc offset ${SEARCHED_ROWS - 1} limit 2`,
    [...values],
  );
  const [end, next] = rows;
  return end !== undefined && next !== undefined ? end : null;
}

/** A page that is not full leads on from the end of its search, with these sort values; a full one from its last row. */
export function leadOn<T>(
  page: PageOf<T>,
  end: SearchEnd | null,
  keyOf: (end: SearchEnd) => string[],
): SearchedPage<T> {
  if (end === null || page.next_cursor !== null) return page;
  const searched_since = new Date(Number(end.key) / 1_000).toISOString();
  return { ...page, next_cursor: encodeCursor(keyOf(end)), searched_since };
}
