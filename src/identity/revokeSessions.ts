import type { Pool, PoolClient } from 'pg';
import { transaction } from '../db/pool.ts';
import { type Ended, endSessions } from './liveSessions.ts';
import { findPeople, type KnownPerson } from './personNames.ts';
import { OF_HOLDER } from './samePerson.ts';

/** Ends sessions of others: one, those of a person, or all. Each is audited as revoked. */
export function createRevoking(pool: Pool, idleMinutes: number) {
  const end = (client: PoolClient, where: string, values: unknown[], by: string) =>
    endSessions(client, where, [idleMinutes, ...values], revoked(by));

  return {
    /** Ends a session by id; false if none with this id is alive. `ofHolder`: only one of the holder of that session. */
    revoke: (id: string, by: string, { ofHolder = null }: { ofHolder?: string | null } = {}): Promise<boolean> =>
      transaction(pool, async (client) => {
        const where = `id = $2 and ${OF_HOLDER('$3')}`;
        return (await end(client, where, [id, ofHolder], by)).length > 0;
      }),

    /**
     * Ends all sessions of the people who have acted under this name or have this subject, under whatever name they are
     * signed in. Sessions of release 0.1.0 are found by their name.
     */
    revokePerson: (nameOrSubject: string, by: string): Promise<{ people: KnownPerson[]; ended: number }> =>
      transaction(pool, async (client) => {
        const people = await findPeople(client, nameOrSubject);
        const ended = await end(
          client,
          `(issuer is null and name = $2 or exists (
             select from unnest($3::text[], $4::text[]) as person (issuer, subject)
             where person.subject = sessions.subject and person.issuer = coalesce(sessions.issuer, person.issuer)))`,
          [nameOrSubject, people.map(({ issuer }) => issuer), people.map(({ subject }) => subject)],
          by,
        );
        return { people, ended: ended.length };
      }),

    revokeAll: (by: string): Promise<number> =>
      transaction(pool, async (client) => (await end(client, 'true', [], by)).length),
  };
}

const revoked = (by: string) => (session: Ended) => ({
  action: 'console.session.revoked',
  payload: { session_id: session.id, name: session.name, by },
  actor: by,
});
