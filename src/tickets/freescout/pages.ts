import type { z } from 'zod';
import type { FreeScoutApi } from './responses.ts';
import { listSchema } from './schemas.ts';
import type { CallTerms } from './transport.ts';

export interface Listing {
  /** The path, and the name of the rows in the answer. */
  name: 'conversations' | 'mailboxes' | 'users' | 'customers' | 'tags';
  query: Record<string, string | number>;
  pageSize: number;
  maxPages: number;
}

export interface Rows<T> {
  /** Each id once, in the order of the answers. */
  rows: T[];
  /** False if there are more rows than were read. */
  complete: boolean;
}

/**
 * Reads a list page by page. New tickets shift rows to the next page, so rows with a known id are dropped. A page without
 * new rows ends the reading: a server that ignores `page` would return the same page forever. So does a page with a row
 * that `isUseless` returns true for, because FreeScout ignores what it was asked for.
 */
export async function allPages<T extends z.ZodType<{ id: number }>>(
  api: FreeScoutApi,
  { name, query, pageSize, maxPages, isUseless }: Listing & { isUseless?: (row: z.output<T>) => boolean },
  row: T,
  call: CallTerms,
): Promise<Rows<z.output<T>>> {
  const shape = listSchema(name, row);
  const byId = new Map<number, z.output<T>>();
  for (let page = 1; page <= maxPages; page += 1) {
    const answer = await api.read({ method: 'GET', path: name, query: { ...query, page, pageSize } }, shape, call);
    const before = byId.size;
    for (const found of answer.rows) if (!byId.has(found.id)) byId.set(found.id, found);
    const last = answer.totalPages === null ? answer.rows.length < pageSize : page >= answer.totalPages;
    if (last || answer.rows.length === 0) return { rows: [...byId.values()], complete: true };
    if (byId.size === before || (isUseless && answer.rows.some(isUseless))) break;
  }
  return { rows: [...byId.values()], complete: false };
}
