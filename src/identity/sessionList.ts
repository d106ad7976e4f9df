import type { Pool } from 'pg';
import type { Role } from '../config/config.ts';
import { decodeCursor, instantOfMicros, MICROS, micros, pageOf, TEXT } from '../db/keyset.ts';
import type { PageOf } from '../model/operations.ts';
import type { SessionRow } from '../model/people.ts';
import { ALIVE } from './liveSessions.ts';
import { OF_HOLDER } from './samePerson.ts';

export interface SessionsQuery {
  cursor?: string | undefined;
  limit: number;
  ofHolder?: string | null;
}

/**
 * Lists live sessions, newest first; with `ofHolder`, those of the holder of that session. Throws Problem `invalid_field`
 * for an invalid cursor.
 */
export async function listSessions(
  pool: Pool,
  idleMinutes: number,
  { cursor, limit, ofHolder = null }: SessionsQuery,
): Promise<PageOf<SessionRow>> {
  const after = cursor === undefined ? [] : decodeCursor(cursor, [MICROS, TEXT]);
  const { rows } = await pool.query<Row & { key: string }>(
    `select id, subject, name, role, address, user_agent, created_at, last_used_at, expires_at,
            ${micros('created_at')} as key
     from sessions
     where ${ALIVE} and ${OF_HOLDER('$3')}
       ${cursor === undefined ? '' : `and (created_at, id) < (${instantOfMicros('$4')}, $5)`}
     order by created_at desc, id desc limit $2`,
    [idleMinutes, limit + 1, ofHolder, ...after],
  );
  return pageOf(rows, limit, toSessionRow, ({ key, id }) => [key, id]);
}

interface Row {
  id: string;
  subject: string;
  name: string;
  role: Role;
  address: string | null;
  user_agent: string | null;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
}

const toSessionRow = ({ id, name, subject, role, address, user_agent, ...row }: Row): SessionRow => ({
  id,
  name,
  subject,
  role,
  address,
  user_agent,
  signed_in_at: row.created_at.toISOString(),
  last_used_at: row.last_used_at.toISOString(),
  expires_at: row.expires_at.toISOString(),
});
