import { randomBytes } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { appendAudit } from '../audit/auditLog.ts';
import type { Config, Role } from '../config/config.ts';
import { transaction } from '../db/pool.ts';
import { maskSecrets } from '../log/secretTexts.ts';
import type { SessionHolder } from '../model/people.ts';
import { ALIVE, endSessions } from './liveSessions.ts';
import { claimName, type Identity } from './personNames.ts';
import { applySignedInRole } from './personRole.ts';
import { createRevoking } from './revokeSessions.ts';
import { listSessions, type SessionsQuery } from './sessionList.ts';
import { decryptWithToken, digestOf, encryptWithToken, newToken } from './signedToken.ts';

/** Where a request comes from, according to the request itself. */
export interface Visitor {
  address: string;
  userAgent: string;
}

export interface NewSession extends Visitor, Identity {
  /** The name that the person would like; another person may have it. */
  name: string;
  role: Role;
  /** When the person entered their credentials, in seconds since 1970; null where the provider does not say. */
  authenticatedAt: number | null;
  /** The ID token, for signing out of the provider; stored encrypted. */
  hint: string;
  /** The refresh token, for reading the groups of the person again; stored encrypted. null where there is none. */
  grant: string | null;
  /** The id of the session at the provider; null where it gives none. */
  providerSession: string | null;
  /** The token of an earlier session in the same browser, which ends now. */
  replaces: string | null;
}

export interface EndedSession {
  id: string;
  name: string;
  /** The ID token of the sign-in; null if it cannot be decrypted. */
  hint: string | null;
}

export interface FoundSession extends SessionHolder {
  /** Milliseconds since the provider confirmed the role; null where it cannot be asked again. */
  role_age_ms: number | null;
}

export type Sessions = ReturnType<typeof createSessions>;

/** Limits writes of `last_used_at` to one a minute and session. */
const TOUCH_S = 60;
const MAX_USER_AGENT = 300;

/** The sessions of all processes on this database. Each request looks its session up, so a revoked one fails at once. */
export function createSessions(
  pool: Pool,
  { idleMinutes, maxHours }: Pick<Config['session'], 'idleMinutes' | 'maxHours'>,
) {
  const end = (client: PoolClient, where: string, values: unknown[], entry: Parameters<typeof endSessions>[3]) =>
    endSessions(client, where, [idleMinutes, ...values], entry);

  return {
    /**
     * A new session with a new token; `maxAgeMs` is the lifetime of its cookie. All other sessions of the person get its
     * role.
     */
    open(person: NewSession): Promise<{ token: string; maxAgeMs: number }> {
      const token = newToken();
      const id = randomBytes(8).toString('hex');
      return transaction(pool, async (client) => {
        const name = await claimName(client, person, person.name);
        const replaces = person.replaces === null ? null : digestOf(person.replaces);
        await applySignedInRole(client, idleMinutes, { ...person, replaces });
        await client.query(
          `insert into sessions (id, token_digest, issuer, subject, name, role, address, user_agent, provider_hint,
             expires_at, authenticated_at, provider_grant, provider_session)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() + $10 * interval '1 hour', to_timestamp($11),
             $12, $13)`,
          [
            id,
            digestOf(token),
            person.issuer,
            person.subject,
            name,
            person.role,
            person.address,
            maskSecrets(person.userAgent).slice(0, MAX_USER_AGENT),
            encryptWithToken(token, person.hint),
            maxHours,
            person.authenticatedAt,
            person.grant && encryptWithToken(token, person.grant),
            person.providerSession,
          ],
        );
        const { role, subject, address } = person;
        const payload = { session_id: id, name, role, subject, address };
        await appendAudit(client, [{ action: 'console.session.signed_in', payload, actor: name }]);
        if (replaces !== null) {
          await end(client, 'token_digest = $2', [replaces], (old) => ({
            action: 'console.session.signed_out',
            payload: { session_id: old.id, name: old.name, replaced_by: id },
            actor: name,
          }));
        }
        return { token, maxAgeMs: maxHours * 3_600_000 };
      });
    },

    /** The holder of a token; null if it is unknown, expired or ended. `use` restarts the idle limit. */
    async find(token: string, { use }: { use: boolean }): Promise<FoundSession | null> {
      const { rows } = await pool.query<FoundSession & { touch: boolean }>(
        `select id, name, role,
                (extract(epoch from least(expires_at, last_used_at + $1 * interval '1 minute') - clock_timestamp())
                  * 1000)::float8 as remaining_ms,
                (extract(epoch from clock_timestamp() - authenticated_at) * 1000)::float8 as authenticated_ms,
                case when provider_grant is not null then
                  (extract(epoch from clock_timestamp() - coalesce(role_confirmed_at, created_at)) * 1000)::float8
                end as role_age_ms,
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

    /** Signs its holder out. Null if the session has ended already. */
    signOut(token: string): Promise<EndedSession | null> {
      return transaction(pool, async (client) => {
        const [row] = await end(client, 'token_digest = $2', [digestOf(token)], ({ id, name }) => ({
          action: 'console.session.signed_out',
          payload: { session_id: id, name },
          actor: name,
        }));
        if (row === undefined) return null;
        return { id: row.id, name: row.name, hint: row.provider_hint && decryptWithToken(token, row.provider_hint) };
      });
    },

    ...createRevoking(pool, idleMinutes),

    list: (query: SessionsQuery) => listSessions(pool, idleMinutes, query),
  };
}
