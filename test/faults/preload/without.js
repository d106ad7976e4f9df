import pg from 'pg';

/**
 * Removes a safeguard from the statements that this process sends to the database. Used by control runs only, which
 * show that a fault run fails without the safeguard.
 *
 * @param {readonly [whole: string, part: string][]} changes A piece of SQL, and what is left of it.
 */
export function without(changes) {
  const original = pg.Client.prototype.query;
  if (typeof original !== 'function') throw new Error('the database driver has no query to change');
  pg.Client.prototype.query = function (first, ...rest) {
    const text =
      typeof first === 'string' ? changes.reduce((sql, [whole, part]) => sql.replace(whole, part), first) : first;
    return Reflect.apply(original, this, [text, ...rest]);
  };
}
