import type { EventEmitter } from 'node:events';
import pg from 'pg';

const ofDatabase = new WeakSet<Error>();

/** Notes that this is an error of a connection to the database. */
export function markAsDatabaseError(error: Error): void {
  ofDatabase.add(error);
}

/** Whether it is an error of a connection to the database; those of other connections have the same codes. */
export const isMarkedAsDatabaseError = (error: Error): boolean => ofDatabase.has(error);

/** A connection to the database whose network errors can be told from those of other connections. */
export class DatabaseClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const { connection } = this as unknown as { connection: EventEmitter };
    connection.on('error', markAsDatabaseError);
  }
}
