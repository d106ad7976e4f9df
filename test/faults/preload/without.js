import pg from 'pg';

/**
 * Removes a safeguard from the SQL statements of this process, for control runs: they show that a fault run fails without
 * the safeguard.
 *
 * @param {readonly [original: string, replacement: string][]} changes Parts of SQL statements and their replacements.
 */
export function without(changes) {
  const query = pg.Client.prototype.query;
  if (typeof query !== 'function') throw new Error('the database driver has no query to change');
  pg.Client.prototype.query = function (first, ...rest) {
    const text =
      typeof first === 'string'
        ? changes.reduce((sql, [original, replacement]) => sql.replace(original, replacement), first)
        : first;
    return Reflect.apply(query, this, [text, ...rest]);
  };
}
