import pg from 'pg';

/**
 * For a control run: requests of webhook senders are acknowledged before they are stored, and stored a few seconds later
 * if the process still runs and the database answers.
 */
const STORED_AFTER_MS = 3_000;
const STATEMENT = 'insert into webhook_requests';
const LATE = '/* late */';

const query = pg.Client.prototype.query;
if (typeof query !== 'function') throw new Error('the database driver has no query to change');
let pool = null;

pg.Client.prototype.query = function (first, ...rest) {
  // A prepared statement comes with its name and its values.
  const { text, values } = typeof first === 'string' ? { text: first, values: rest[0] } : first;
  if (typeof text !== 'string' || !text.includes(STATEMENT) || text.startsWith(LATE))
    return Reflect.apply(query, this, [first, ...rest]);
  setTimeout(() => void storeLate(text, values), STORED_AFTER_MS).unref();
  const answer = { command: 'SELECT', rowCount: 1, rows: [{ id: '1' }], fields: [] };
  const callback = rest.at(-1);
  if (typeof callback !== 'function') return Promise.resolve(answer);
  process.nextTick(callback, null, answer);
};

async function storeLate(statement, values) {
  pool ??= new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2, connectionTimeoutMillis: 3_000 });
  // What cannot be stored now is lost, which the run must notice.
  await pool.query(`${LATE} ${statement}`, values).catch(() => undefined);
}
