import { Problem } from '../lib/problem.ts';

/** Keyset pagination and text search for lists. */

/** The sort values of the last row of a page, as an opaque text. */
export const encodeCursor = (values: readonly string[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url');

/**
 * The values of a cursor; each must match its pattern completely. Throws Problem `invalid_field` for a cursor that does
 * not come from this list.
 */
export function decodeCursor(cursor: string, patterns: readonly RegExp[]): string[] {
  const values = parsed(Buffer.from(cursor, 'base64url').toString());
  const fits = patterns.every((pattern, at) => new RegExp(`^(?:${pattern.source})$`, 'su').test(values[at] ?? '\0'));
  if (values.length !== patterns.length || !fits) {
    throw new Problem('invalid_field', 'cursor must be the next_cursor of an earlier page.', { field: 'cursor' });
  }
  return values;
}

/** Microseconds since 1970, the precision of Postgres; 17 digits reach the year 5138. */
export const MICROS = /\d{1,17}/;
/** Any text that Postgres can store. */
export const TEXT = /[^\0]{0,1000}/;

export const micros = (column: string): string => `(extract(epoch from ${column}) * 1000000)::bigint::text`;
export const instantOfMicros = (parameter: string): string =>
  `('epoch'::timestamptz + ${parameter}::bigint * interval '1 microsecond')`;

function parsed(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : [];
  } catch {
    return [];
  }
}

/** Makes a page of at most `limit` rows. `rows` must hold one row more if there is a next page. */
export function pageOf<Row, Shown>(
  rows: readonly Row[],
  limit: number,
  show: (row: Row) => Shown,
  keyOf: (row: Row) => readonly string[],
): { rows: Shown[]; next_cursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page.map(show), next_cursor: rows.length > limit && last ? encodeCursor(keyOf(last)) : null };
}

/** A pattern for `ilike` that matches this literal text anywhere. Throws Problem `invalid_field` for text with U+0000. */
export function containing(field: string, text: string): string {
  if (text.includes('\0'))
    throw new Problem('invalid_field', `${field} must not contain the character U+0000.`, { field });
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
