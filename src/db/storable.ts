/**
 * A value as JSON that `jsonb` takes: Postgres refuses U+0000 and half surrogate pairs, both of which a
 * stranger can put into a text, and one such text must not fail the whole transaction.
 */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'string') return storable(inner);
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const keys = Object.keys(inner);
    if (keys.every((key) => storable(key) === key)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, field]) => [storable(key), field]));
  });
}

const storable = (text: string): string => text.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\ufffd');
