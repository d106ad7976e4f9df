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
    return Reflect.apply(query, this, [changed(first), ...rest]);
  };

  /** A prepared statement comes with its name. */
  function changed(statement) {
    if (typeof statement === 'string') return withChanges(statement);
    return typeof statement?.text === 'string' ? { ...statement, text: withChanges(statement.text) } : statement;
  }

  function withChanges(sql) {
    return changes.reduce((text, [original, replacement]) => text.replace(original, replacement), sql);
  }
}
