import type { Pool } from 'pg';
import type { RoleTurn } from './sessionRoles.ts';
import { digestOf, encryptWithToken } from './signedToken.ts';

/** Stores the next refresh token of a session. The role stays as old as it is. */
export async function storeNextGrant(
  pool: Pick<Pool, 'query'>,
  { token }: Pick<RoleTurn, 'token'>,
  grant: string,
): Promise<void> {
  await pool.query('update sessions set provider_grant = $2 where token_digest = $1 and ended_at is null', [
    digestOf(token),
    encryptWithToken(token, grant),
  ]);
}
