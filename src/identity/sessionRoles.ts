import type { Pool } from 'pg';
import type { Config, Role } from '../config/config.ts';
import { transaction } from '../db/pool.ts';
import { ALIVE, endedByProvider, endSessions } from './liveSessions.ts';
import type { LogoutNotice } from './logoutTokens.ts';
import type { Identity } from './personNames.ts';
import { changeRole } from './personRole.ts';
import { OF_IDENTITY } from './samePerson.ts';
import { decryptWithToken, digestOf, encryptWithToken } from './signedToken.ts';

/** A session whose role this process may ask for now. */
export interface RoleTurn extends Identity {
  token: string;
  /** The refresh token. */
  grant: string;
}

export type SessionRoles = ReturnType<typeof createSessionRoles>;

/** Longer than all calls to the provider take, so that no two processes use the same refresh token at once. */
const TURN_S = 30;

/** What the provider says about the role of a session later. All processes on the database see it at their next request. */
export function createSessionRoles(pool: Pool, { idleMinutes }: Pick<Config['session'], 'idleMinutes'>) {
  return {
    /**
     * Takes the turn to ask this provider; null if another process has it, or had it a moment ago. A session of an
     * earlier provider has none, so that its refresh token is not sent to another one.
     */
    async takeTurn(token: string, issuer: string): Promise<RoleTurn | null> {
      const { rows } = await pool.query<{ subject: string; provider_grant: Buffer }>(
        `update sessions set role_asked_at = clock_timestamp()
         where ${ALIVE} and token_digest = $2 and issuer = $3 and provider_grant is not null
           and (role_asked_at is null
             or role_asked_at not between clock_timestamp() - interval '${TURN_S} seconds' and clock_timestamp())
         returning subject, provider_grant`,
        [idleMinutes, digestOf(token), issuer],
      );
      const [row] = rows;
      const grant = row ? decryptWithToken(token, row.provider_grant) : null;
      return row && grant !== null ? { issuer, subject: row.subject, token, grant } : null;
    },

    /**
     * Stores the role that the provider gives the person now, in all their sessions, and the next refresh token. Returns
     * whether it is another one.
     */
    confirm: ({ issuer, subject, token }: RoleTurn, role: Role, nextGrant: string | null): Promise<boolean> =>
      transaction(pool, async (client) => {
        // In the order of their ids, so that two sessions of a person cannot block each other.
        const { rows } = await client.query<{ id: string; name: string; role: Role }>(
          `select id, name, role from sessions where ${ALIVE} and ${OF_IDENTITY} order by id for update`,
          [idleMinutes, issuer, subject],
        );
        // The turn ends by itself: a process that saw the old age of the role may be about to ask.
        await client.query(
          `update sessions set role_confirmed_at = clock_timestamp(), role_asked_at = clock_timestamp(),
             provider_grant = coalesce($2, provider_grant)
           where token_digest = $1 and ended_at is null`,
          [digestOf(token), nextGrant && encryptWithToken(token, nextGrant)],
        );
        return changeRole(client, rows, { subject, role });
      }),

    /** Stores the next refresh token of a session whose role could not be read. The role stays as old as it is. */
    async storeGrant({ token }: RoleTurn, nextGrant: string): Promise<void> {
      await pool.query('update sessions set provider_grant = $2 where token_digest = $1 and ended_at is null', [
        digestOf(token),
        encryptWithToken(token, nextGrant),
      ]);
    },

    /** Ends this session: the provider does not know its sign-in any more. */
    endOne: ({ token }: RoleTurn): Promise<number> =>
      transaction(pool, async (client) => {
        const values = [idleMinutes, digestOf(token)];
        return (await endSessions(client, 'token_digest = $2', values, endedByProvider('grant_refused'))).length;
      }),

    /** Ends all sessions of a person who has no role any more. */
    endPerson: ({ issuer, subject }: Identity): Promise<number> =>
      transaction(pool, async (client) => {
        const values = [idleMinutes, issuer, subject];
        return (await endSessions(client, OF_IDENTITY, values, endedByProvider('no_role'))).length;
      }),

    /**
     * Ends the sessions that signed out at the provider: one of its sessions, or all of a person. null if the notice was
     * used before: a copy that is sent later must not end sessions that began since.
     */
    endSignedOut: (issuer: string, { id, subject, providerSession }: LogoutNotice): Promise<number | null> =>
      transaction(pool, async (client) => {
        const { rowCount } = await client.query(
          'insert into spent_sign_ins (digest) values ($1) on conflict do nothing',
          [digestOf(`logout ${issuer} ${id}`)],
        );
        if (rowCount === 0) return null;
        // If the provider gave no id at the sign-in, the person counts.
        const where = `coalesce(issuer, $2) = $2 and ($3::text is null or subject = $3)
          and ($4::text is null or provider_session = $4 or ($3 is not null and provider_session is null))`;
        const values = [idleMinutes, issuer, subject, providerSession];
        return (await endSessions(client, where, values, endedByProvider('signed_out'))).length;
      }),
  };
}
