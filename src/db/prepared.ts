import { createHash } from 'node:crypto';
import type { ClientBase, Pool, QueryResult, QueryResultRow } from 'pg';

/**
 * A statement that a connection parses and plans once, as far as its pool allows that; see {@link prepareOn}. For those that
 * each alert or click needs: to plan a large one takes longer than to run it. It should not return columns that a migration
 * may change: each connection that has prepared it then fails once, and is replaced.
 */
export interface Prepared {
  name: string;
  text: string;
}

export const prepared = (text: string): Prepared => ({
  name: createHash('sha256').update(text).digest('base64url').slice(0, 16),
  text,
});

/**
 * Settings of a session whose plans are kept. A plan from the time when a table was empty would read all of it after a burst,
 * so that an index counts as better however small its table is. The cost of a plan then says nothing any more, and nothing
 * may be compiled because of it.
 */
export const SETTINGS_FOR_KEPT_PLANS = { enable_seqscan: 'off', jit: 'off' };

const prepares = new WeakSet<object>();

/** The connections of this pool keep prepared statements. Not every pooler in transaction mode passes them on. */
export function prepareOn(pool: Pool): void {
  prepares.add(pool);
  pool.on('connect', (client) => void prepares.add(client));
}

/** Runs the statement; it is parsed each time where nothing is kept. */
export const queryPrepared = <Row extends QueryResultRow = QueryResultRow>(
  db: Pick<ClientBase, 'query'>,
  { name, text }: Prepared,
  values: unknown[],
): Promise<QueryResult<Row>> =>
  prepares.has(db) ? db.query<Row>({ name, text, values }) : db.query<Row>(text, values);

/** A kept plan expects few rows in a parameter. Where more come, some joins need another plan. */
const FEW_ROWS = 50;

/** The same for a statement that joins the rows of a parameter with each other. */
export const queryPreparedForFew = <Row extends QueryResultRow>(
  db: Pick<ClientBase, 'query'>,
  statement: Prepared,
  { values, rows }: { values: unknown[]; rows: number },
): Promise<QueryResult<Row>> =>
  rows <= FEW_ROWS ? queryPrepared<Row>(db, statement, values) : db.query<Row>(statement.text, values);
