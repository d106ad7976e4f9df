import type { PoolClient } from 'pg';
import { type AuditEntry, appendAudit } from '../audit/auditLog.ts';
import { notifyConsole } from '../db/channels.ts';

/** A session is alive, by the database's clock; $1 is the idle limit in minutes. */
export const ALIVE = `ended_at is null and expires_at > clock_timestamp()
  and last_used_at + $1 * interval '1 minute' > clock_timestamp()`;

/** The payload of a notification is limited to 8,000 bytes; one that is longer would keep the sessions alive. */
const IDS_IN_ONE = 200;

export interface Ended {
  id: string;
  name: string;
  subject: string;
  /** The ID token, encrypted. */
  provider_hint: Buffer | null;
}

/**
 * Ends the live sessions for which `where` holds, audits each, and notifies their open pages. `values` begins with the idle
 * limit in minutes, which is $1.
 */
export async function endSessions(
  client: PoolClient,
  where: string,
  values: readonly unknown[],
  entry: (session: Ended) => AuditEntry,
): Promise<Ended[]> {
  // Locked in the order of their ids, as everywhere, so that two processes cannot block each other.
  const { rows } = await client.query<Ended>(
    `update sessions set ended_at = clock_timestamp(), provider_grant = null
     where id in (select id from sessions where ${ALIVE} and ${where} order by id for update)
     returning id, name, subject, provider_hint`,
    [...values],
  );
  if (rows.length > 0) {
    await appendAudit(client, rows.map(entry));
    const ids = rows.map(({ id }) => id);
    for (let n = 0; n < ids.length; n += IDS_IN_ONE) {
      await notifyConsole(client, { sessions: ids.slice(n, n + IDS_IN_ONE) });
    }
  }
  return rows;
}

/** A session that ended because of what the provider says. */
export const endedByProvider =
  (reason: 'signed_out' | 'no_role' | 'grant_refused') =>
  ({ id, name, subject }: Ended): AuditEntry => ({
    action: 'console.session.ended',
    payload: { session_id: id, name, subject, reason },
    actor: name,
  });
