/**
 * A value as JSON for `jsonb`. Postgres refuses U+0000 and lone surrogates, which foreign text may contain, and one such
 * text must not fail the whole transaction: U+0000 is removed, lone surrogates become U+FFFD. Secrets are masked where
 * foreign text enters the program and not here: the name of a source or an actor may be the same text as one.
 */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  // Nearly always so, and much faster than a look at each value.
  if (!ESCAPED.test(json)) return json;
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'string') return storable(inner);
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const keys = Object.keys(inner);
    if (keys.every((key) => storable(key) === key)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, field]) => [storable(key), field]));
  });
}

/** How JSON.stringify writes U+0000 and lone surrogates. A text that spells such an escape out matches too. */
const ESCAPED = /\\u(?:0000|d[89a-f])/;

/** The same for one text. */
export const storable = (text: string): string => text.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\ufffd');
