import { randomBytes } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { appendAudit } from '../audit/auditLog.ts';
import type { Config, Role } from '../config/config.ts';
import { decodeCursor, instantOfMicros, MICROS, micros, pageOf, TEXT } from '../db/keyset.ts';
import { transaction } from '../db/pool.ts';
import type { PageOf } from '../model/operations.ts';
import type { SessionHolder, SessionRow } from '../model/people.ts';
import { digestOf, newToken, readSignedToken, signToken } from './signedToken.ts';

/** Where a request comes from, as far as one can tell. */
export interface Visitor {
  address: string;
  userAgent: string;
}

export interface NewSession extends Visitor {
  subject: string;
  name: string;
  role: Role;
  /** Sealed, for the sign-out at the provider. */
  hint: string;
  /** The token of a session in the same browser, which ends with this. */
  replaces: string | null;
}

export interface Ended {
  id: string;
  name: string;
  /** What was sealed when it began; null where somebody else than its holder ended it. */
  hint: string | null;
}

export type Sessions = ReturnType<typeof createSessions>;

/** One write a minute for each session is exact enough to tell who is gone. */
const TOUCH_S = 60;
const LONGEST_AGENT = 300;

/** What counts as alive, by the database's clock; $1 is the idle limit in minutes. */
const ALIVE = `ended_at is null and expires_at > clock_timestamp()
  and last_used_at + $1 * interval '1 minute' > clock_timestamp()`;

/**
 * Who is signed in, for every process on this database. Looked up with each request, so that one that was ended is
 * refused at once everywhere.
 */
export function createSessions(pool: Pool, { idleMinutes, maxHours }: Config['session']) {
  /** Ends and audits in one go; open pages of the sessions hear of it. */
  async function end(
    client: PoolClient,
    where: string,
    values: unknown[],
    entry: (session: { id: string; name: string }) => {
      action: string;
      payload: Record<string, unknown>;
      actor: string;
    },
  ): Promise<Pick<Row, 'id' | 'name' | 'provider_hint'>[]> {
    const { rows } = await client.query<Row>(
      `update sessions set ended_at = clock_timestamp() where ${ALIVE} and ${where} returning id, name, provider_hint`,
      [idleMinutes, ...values],
    );
    if (rows.length > 0) {
      await appendAudit(client, rows.map(entry));
      await client.query(`select pg_notify('console', $1)`, [JSON.stringify({ sessions: rows.map(({ id }) => id) })]);
    }
    return rows;
  }

  const revoked = (by: string) => (session: { id: string; name: string }) => ({
    action: 'console.session.revoked',
    payload: { session_id: session.id, name: session.name, by },
    actor: by,
  });

  return {
    /** A new session with a token that nobody has seen before; `maxAgeMs` is how long the browser may keep it. */
    open(person: NewSession): Promise<{ token: string; maxAgeMs: number }> {
      const token = newToken();
      const id = randomBytes(8).toString('hex');
      return transaction(pool, async (client) => {
        await client.query(
          `insert into sessions (id, token_digest, subject, name, role, address, user_agent, provider_hint, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp() + $9 * interval '1 hour')`,
          [
            id,
            digestOf(token),
            person.subject,
            person.name,
            person.role,
            person.address,
            person.userAgent.slice(0, LONGEST_AGENT),
            signToken(token, person.hint),
            maxHours,
          ],
        );
        const { name, role, subject, address } = person;
        const payload = { session_id: id, name, role, subject, address };
        await appendAudit(client, [{ action: 'console.session.signed_in', payload, actor: name }]);
        if (person.replaces !== null) {
          await end(client, 'token_digest = $2', [digestOf(person.replaces)], (old) => ({
            action: 'console.session.signed_out',
            payload: { session_id: old.id, name: old.name, replaced_by: id },
            actor: name,
          }));
        }
        return { token, maxAgeMs: maxHours * 3_600_000 };
      });
    },

    /** Whose token it is; null for one that is unknown, expired or ended. `use` puts off the idle limit. */
    async find(token: string, { use }: { use: boolean }): Promise<SessionHolder | null> {
      const { rows } = await pool.query<SessionHolder & { touch: boolean }>(
        `select id, name, role,
                (extract(epoch from least(expires_at, last_used_at + $1 * interval '1 minute') - clock_timestamp())
                  * 1000)::float8 as remaining_ms,
                last_used_at < clock_timestamp() - ${TOUCH_S} * interval '1 second' as touch
         from sessions where ${ALIVE} and token_digest = $2`,
        [idleMinutes, digestOf(token)],
      );
      const [row] = rows;
      if (row === undefined) return null;
      const { touch, ...holder } = row;
      if (use && touch) {
        await pool.query('update sessions set last_used_at = clock_timestamp() where id = $1 and ended_at is null', [
          row.id,
        ]);
      }
      return holder;
    },

    /** Its holder leaves. Null where the session has ended already. */
    signOut(token: string): Promise<Ended | null> {
      return transaction(pool, async (client) => {
        const [row] = await end(client, 'token_digest = $2', [digestOf(token)], ({ id, name }) => ({
          action: 'console.session.signed_out',
          payload: { session_id: id, name },
          actor: name,
        }));
        if (row === undefined) return null;
        return { id: row.id, name: row.name, hint: row.provider_hint && readSignedToken(token, row.provider_hint) };
      });
    },

    /** Ends one from outside; false where there is none of this id that is alive. */
    revoke: (id: string, by: string): Promise<boolean> =>
      transaction(pool, async (client) => (await end(client, 'id = $2', [id], revoked(by))).length > 0),

    /** Ends all of a person's sessions, or everybody's where no name is given; answers how many. */
    revokeAll: (name: string | null, by: string): Promise<number> =>
      transaction(
        pool,
        async (client) => (await end(client, '($2::text is null or name = $2)', [name], revoked(by))).length,
      ),

    /** Those that are alive, the latest first. Throws Problem `invalid_field` for a cursor that is none of ours. */
    async list({ cursor, limit }: { cursor?: string | undefined; limit: number }): Promise<PageOf<SessionRow>> {
      const after = cursor === undefined ? [] : decodeCursor(cursor, [MICROS, TEXT]);
      const { rows } = await pool.query<Row & { key: string }>(
        `select id, subject, name, role, address, user_agent, created_at, last_used_at, expires_at,
                ${micros('created_at')} as key
         from sessions
         where ${ALIVE} ${cursor === undefined ? '' : `and (created_at, id) < (${instantOfMicros('$3')}, $4)`}
         order by created_at desc, id desc limit $2`,
        [idleMinutes, limit + 1, ...after],
      );
      return pageOf(rows, limit, shown, ({ key, id }) => [key, id]);
    },
  };
}

interface Row {
  id: string;
  subject: string;
  name: string;
  role: Role;
  address: string | null;
  user_agent: string | null;
  provider_hint: Buffer | null;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
}

const shown = ({ id, name, subject, role, address, user_agent, ...row }: Row): SessionRow => ({
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
