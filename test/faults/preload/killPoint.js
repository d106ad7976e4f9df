import pg from 'pg';

/**
 * Loaded before the program in the processes of a fault run. After a message `{ id, killAt: { statement, when } }` the process
 * kills itself at the next statement that contains this text: before it is sent, or after its answer with at least one row
 * has arrived. `{ id, killAt: null }` takes that back, and is answered with `{ disarmed: id }`.
 */
let point = null;

process.on('message', (message) => {
  point = message?.killAt ?? null;
  if (point === null) process.send?.({ disarmed: message?.id });
});
// Waiting for messages does not keep the process running.
process.channel?.unref();

const query = pg.Client.prototype.query;
if (typeof query !== 'function') throw new Error('the database driver has no query to change');
pg.Client.prototype.query = function (first, ...rest) {
  const found = isReached(first) ? point : null;
  if (found === null) return Reflect.apply(query, this, [first, ...rest]);
  if (found.when === 'before') die();
  const callback = rest.at(-1);
  if (typeof callback === 'function') {
    const watched = (error, result) => {
      dieAfter(found, result);
      callback(error, result);
    };
    return Reflect.apply(query, this, [first, ...rest.slice(0, -1), watched]);
  }
  return Reflect.apply(query, this, [first, ...rest]).then((result) => {
    dieAfter(found, result);
    return result;
  });
};

/** A prepared statement comes with its name. */
function isReached(statement) {
  const text = typeof statement === 'string' ? statement : statement?.text;
  return point !== null && typeof text === 'string' && text.includes(point.statement);
}

/** Not if the point was taken back while the statement was running. */
function dieAfter(found, result) {
  if (found === point && result?.rows?.length > 0) die();
}

function die() {
  process.kill(process.pid, 'SIGKILL');
}
