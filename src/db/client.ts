import type { EventEmitter } from 'node:events';
import pg from 'pg';
import { isReadOnly, READ_ONLY } from './sqlStates.ts';

const ofDatabase = new WeakSet<Error>();

/** Notes that this is an error of a connection to the database. */
export function markAsDatabaseError(error: Error): void {
  ofDatabase.add(error);
}

/** Whether it is an error of a connection to the database; those of other connections have the same codes. */
export const isMarkedAsDatabaseError = (error: Error): boolean => ofDatabase.has(error);

/**
 * A connection to the database whose network errors can be told from those of other connections. It ends when a statement
 * is refused as read-only: its server was the primary and is not any more, and a new connection may lead to another one.
 */
export class DatabaseClient extends pg.Client {
  /** Whether the server says so of itself; some poolers do not pass it on. */
  isStandby = false;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const { connection } = this as unknown as { connection: EventEmitter };
    connection.on('error', markAsDatabaseError);
    connection.on('parameterStatus', ({ parameterName, parameterValue }: Record<string, string>) => {
      if (parameterName === 'in_hot_standby') this.isStandby = parameterValue === 'on';
    });
    connection.on('errorMessage', (error: Error) => {
      if (isReadOnly(error)) queueMicrotask(() => void this.end());
    });
  }
}

/**
 * After a failover the name of the database may lead to a standby for some seconds. A session that was opened there stays:
 * its locks are seen by nobody else, and nothing can be written through it. Throws for such a connection.
 */
export function refuseStandby(client: pg.ClientBase): void {
  if (!(client instanceof DatabaseClient && client.isStandby)) return;
  const error = Object.assign(new Error('the server is a standby'), { code: READ_ONLY });
  markAsDatabaseError(error);
  throw error;
}
