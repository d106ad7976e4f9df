import type { connectionMachine } from '../../../machines/connection.ts';
import { CONNECTION_ACTOR } from '../../../machines/shared/actorId.ts';
import { projectionOf } from './projection.ts';

export const connectionSql = projectionOf<typeof connectionMachine>();

/** Condition on `actors` that finds the connection's actor while this console is offline, and nothing otherwise. */
export const IS_OFFLINE = `id = '${CONNECTION_ACTOR}' and ${connectionSql.isIn('offline')}`;
