import type { PoolClient } from 'pg';
import { appendAudit } from '../audit/auditLog.ts';
import type { Role } from '../config/config.ts';
import { ALIVE } from './liveSessions.ts';
import type { Identity } from './personNames.ts';
import { OF_IDENTITY } from './samePerson.ts';

interface HeldRole {
  id: string;
  name: string;
  role: Role;
}

interface SignedIn extends Identity {
  role: Role;
  /** The digest of the token whose session ends, because the same browser signs in again. */
  replaces: Buffer | null;
}

/**
 * After a sign-in, all other sessions of the person get the same role, so that a demoted person keeps no old one. Locks
 * the session that is replaced as well, which may be that of another person.
 */
export async function applySignedInRole(
  client: PoolClient,
  idleMinutes: number,
  { issuer, subject, role, replaces }: SignedIn,
): Promise<void> {
  // In the order of their ids, as everywhere, so that two processes cannot block each other.
  const { rows } = await client.query<HeldRole & { is_replaced: boolean }>(
    `select id, name, role, coalesce(token_digest = $5, false) as is_replaced from sessions
     where ${ALIVE} and ((${OF_IDENTITY} and role <> $4) or token_digest = $5) order by id for update`,
    [idleMinutes, issuer, subject, role, replaces],
  );
  const others = rows.filter(({ is_replaced }) => !is_replaced);
  await changeRole(client, others, { subject, role });
}

/** Stores the role in those of these sessions, which are locked, that have another one. Returns whether there are any. */
export async function changeRole(
  client: PoolClient,
  sessions: readonly HeldRole[],
  { subject, role }: { subject: string; role: Role },
): Promise<boolean> {
  const changed = sessions.filter((session) => session.role !== role);
  if (changed.length === 0) return false;
  await client.query('update sessions set role = $2 where id = any ($1)', [changed.map(({ id }) => id), role]);
  await appendAudit(
    client,
    changed.map(({ id, name, role: from }) => ({
      action: 'console.session.role_changed',
      payload: { session_id: id, name, subject, from, to: role },
      actor: name,
    })),
  );
  return true;
}
