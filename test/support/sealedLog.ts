import type { Pool } from 'pg';
import type { DigestSecrets } from '../../src/audit/digest.ts';
import { sealAuditLog } from '../../src/audit/seal.ts';
import { collect } from './collect.ts';

export const SECRET = 'audit-digest-secret-of-32-characters';
export const SIGNED: DigestSecrets = { secret: SECRET, previous: null };

const DAY_MS = 86_400_000;

/** Seals all closed days that have no digest yet. */
export const seal = (pool: Pool, secrets = SIGNED) => collect(sealAuditLog(pool, { secrets }));

/** SQL for noon (UTC) of the day so many days ago. */
export const noonOf = (daysAgo: number): string =>
  `date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' - interval '${daysAgo} days' + interval '12 hours'`;

export const dayOf = (daysAgo: number): string => new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10);

/** Changes the database past all triggers, as its owner can. */
export async function tamper(pool: Pool, ...statements: string[]): Promise<void> {
  await pool.query(`set session_replication_role = replica; ${statements.join('; ')}; reset session_replication_role`);
}
