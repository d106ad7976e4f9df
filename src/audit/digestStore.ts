import type { ClientBase, Pool } from 'pg';
import { micros } from '../db/keyset.ts';
import type { Digest } from './digest.ts';

/** The rows of `audit_digests`. */

const DIGEST = `to_char(day, 'YYYY-MM-DD') as day, row_count as "rowCount", encode(rows_hash, 'hex') as "rowsHash",
  encode(digest, 'hex') as digest, ${micros('sealed_at')} as "sealedAt", encode(signature, 'hex') as signature, key`;

/** All of them, the earliest first. */
export async function readDigests(pool: Pool): Promise<Digest[]> {
  const { rows } = await pool.query<Digest>(`select ${DIGEST} from audit_digests order by audit_digests.day`);
  return rows;
}

interface ChainEnd {
  /** The newest digest of the days before; null if there is none. */
  newest: Digest | null;
  /** Some digest has a signature. */
  isAnySigned: boolean;
  /** The time that a digest stored in this transaction has as `sealedAt`. */
  now: string;
}

export async function readChainEnd(client: ClientBase, beforeDay: string): Promise<ChainEnd> {
  const { rows: digests } = await client.query<Digest>(
    `select ${DIGEST} from audit_digests where day < $1::date order by audit_digests.day desc limit 1`,
    [beforeDay],
  );
  const { rows } = await client.query<Omit<ChainEnd, 'newest'>>(
    `select ${micros('now()')} as now,
       exists (select from audit_digests where key is not null or signature is not null) as "isAnySigned"`,
  );
  const state = rows[0];
  if (state === undefined) throw new Error('the database named no time');
  return { newest: digests[0] ?? null, ...state };
}

/** Stores new digests, with the time of this transaction. Throws if another process has stored one of them. */
export async function storeDigests(client: ClientBase, digests: readonly Digest[]): Promise<void> {
  const { rowCount } = await client.query(STORE, [JSON.stringify(digests)]);
  if (rowCount !== digests.length) throw new Error('another process seals the audit log');
}

const STORE = `
  insert into audit_digests (day, row_count, rows_hash, digest, signature, key)
  select day, "rowCount", decode("rowsHash", 'hex'), decode(digest, 'hex'), decode(signature, 'hex'), key
  from jsonb_to_recordset($1::jsonb)
    as sealed (day date, "rowCount" integer, "rowsHash" text, digest text, signature text, key text)
  order by day
  on conflict (day) do nothing`;
