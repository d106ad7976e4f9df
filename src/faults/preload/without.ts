import pg from 'pg';

/**
 * Takes a safeguard out of the statements that this process sends to the database: each pair is a piece of SQL and what
 * is left of it. For control runs only, which show that a fault run fails without it; the program itself knows nothing.
 */
export function without(changes: readonly [whole: string, part: string][]): void {
  const original: unknown = Reflect.get(pg.Client.prototype, 'query');
  if (typeof original !== 'function') throw new Error('the database driver has no query to take it out of');
  Reflect.set(pg.Client.prototype, 'query', function (this: pg.Client, first: unknown, ...rest: unknown[]): unknown {
    const text =
      typeof first === 'string' ? changes.reduce((sql, [whole, part]) => sql.replace(whole, part), first) : first;
    return Reflect.apply(original, this, [text, ...rest]) as unknown;
  });
}
