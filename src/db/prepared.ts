import type { Client, ClientBase, QueryResult } from 'pg';

/**
 * A statement that each connection parses and plans once. Only for a statement whose best plan does not depend on what
 * the tables hold: a plan from the time when a table was empty would read all of it after a burst.
 */
export interface Prepared {
  /** Unique within the program. */
  name: string;
  text: string;
}

/** Not every pooler in transaction mode keeps prepared statements: there, as on a plain client, it is parsed each time. */
export const queryPrepared = (
  client: Pick<ClientBase, 'query'>,
  { name, text }: Prepared,
  values: unknown[],
): Promise<QueryResult> =>
  (client as Partial<Client>).pipeline ? client.query({ name, text, values }) : client.query(text, values);
