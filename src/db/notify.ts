import type { ClientBase } from 'pg';

/** A notification holds 8,000 bytes. */
const ACTORS_IN_ONE = 50;

/** Tells every process that pages which show these actors have something new. */
export async function notifyActors(db: Pick<ClientBase, 'query'>, actors: readonly string[]): Promise<void> {
  for (let i = 0; i < actors.length; i += ACTORS_IN_ONE) {
    await db.query("select pg_notify('console', $1)", [JSON.stringify({ actors: actors.slice(i, i + ACTORS_IN_ONE) })]);
  }
}
