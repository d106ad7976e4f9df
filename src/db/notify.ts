import type { ClientBase } from 'pg';
import { notifyConsole } from './channels.ts';

/** The payload of a notification is limited to 8,000 bytes. */
const ACTORS_IN_ONE = 50;

/** Notifies all processes that these actors have changed, so that their pages update. */
export async function notifyActors(db: Pick<ClientBase, 'query'>, actors: readonly string[]): Promise<void> {
  for (let i = 0; i < actors.length; i += ACTORS_IN_ONE) {
    await notifyConsole(db, { actors: actors.slice(i, i + ACTORS_IN_ONE) });
  }
}
