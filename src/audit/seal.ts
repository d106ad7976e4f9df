import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { transaction } from '../db/pool.ts';
import { addDays, DAYS_AT_ONCE, readDays } from './dayRows.ts';
import { type Digest, sealDays } from './digest.ts';

interface Options {
  /** Signs the digests; null: they are not signed. */
  secret: string | null;
  signal?: AbortSignal;
}

/** Consecutive days that were sealed. */
interface SealedDays {
  from: string;
  to: string;
  rows: number;
  /** Of the last day, which covers all days before it. */
  digest: string;
}

const OPEN_CHECKS = 40;
const OPEN_CHECK_MS = 250;

/**
 * Stores the digests of all closed days that have none yet, beginning with the day of the oldest row. A day is closed ten
 * minutes after its end, once every transaction that may still add a row of it is over; nobody waits for that but this
 * function. Where a transaction lasts too long, nothing is sealed until the next call.
 */
export async function sealAuditLog(pool: Pool, { secret, signal }: Options): Promise<SealedDays[]> {
  const { first, last, writers } = await readState(pool);
  if (first === null || first > last) return [];
  if (!(await areOver(pool, writers, signal))) return [];
  const sealed: SealedDays[] = [];
  for (let from = first; from <= last && !signal?.aborted; from = addDays(from, DAYS_AT_ONCE)) {
    const end = addDays(from, DAYS_AT_ONCE - 1);
    const digests = await sealFrom(pool, { from, to: end < last ? end : last, secret });
    sealed.push(summary(digests));
  }
  return sealed;
}

interface LogState {
  /** The first day without a digest; null while the log is empty. */
  first: string | null;
  /** The last day that may be sealed. */
  last: string;
  /** The transactions that have written the log, or are about to, and are not over. Whatever writes it later has a later time. */
  writers: string[];
}

async function readState(pool: Pool): Promise<LogState> {
  const { rows } = await pool.query<LogState>(`
    select
      to_char(coalesce(
        (select max(day) + 1 from audit_digests),
        (select (created_at at time zone 'UTC')::date from audit_log order by created_at, id limit 1)), 'YYYY-MM-DD') as first,
      to_char((clock_timestamp() - interval '10 minutes') at time zone 'UTC' - interval '1 day', 'YYYY-MM-DD') as last,
      array(select distinct virtualtransaction from pg_locks
        where locktype = 'relation' and mode <> 'AccessShareLock'
          and database = (select oid from pg_database where datname = current_database())
          and (relation = 'audit_log'::regclass
            or relation in (select inhrelid from pg_inherits where inhparent = 'audit_log'::regclass))) as writers`);
  const state = rows[0];
  if (state === undefined) throw new Error('the database named no day');
  return state;
}

/** Whether these transactions are over, which usually takes milliseconds. */
async function areOver(pool: Pool, writers: readonly string[], signal: AbortSignal | undefined): Promise<boolean> {
  for (let check = 0; check < OPEN_CHECKS && !signal?.aborted; check += 1) {
    if (check > 0) await sleep(OPEN_CHECK_MS, undefined, { signal }).catch(() => undefined);
    const { rows } = await pool.query('select from pg_locks where virtualtransaction = any($1) limit 1', [writers]);
    if (rows.length === 0) return true;
  }
  return false;
}

async function sealFrom(
  pool: Pool,
  { from, to, secret }: { from: string; to: string; secret: string | null },
): Promise<Digest[]> {
  const days = await readDays(pool, from, to);
  return transaction(pool, async (client) => {
    const { rows } = await client.query<{ digest: string }>(
      "select encode(digest, 'hex') as digest from audit_digests where day < $1 order by day desc limit 1",
      [from],
    );
    const digests = sealDays(days, rows[0]?.digest ?? null, secret);
    const { rowCount } = await client.query(STORE, [JSON.stringify(digests)]);
    if (rowCount !== digests.length) throw new Error('another process seals the audit log');
    return digests;
  });
}

const STORE = `
  insert into audit_digests (day, row_count, rows_hash, digest, signature, key)
  select day, "rowCount", decode("rowsHash", 'hex'), decode(digest, 'hex'), decode(signature, 'hex'), key
  from jsonb_to_recordset($1::jsonb)
    as sealed (day date, "rowCount" integer, "rowsHash" text, digest text, signature text, key text)
  order by day
  on conflict (day) do nothing`;

function summary(digests: readonly Digest[]): SealedDays {
  const [first, last] = [digests.at(0), digests.at(-1)];
  if (first === undefined || last === undefined) throw new Error('no day was sealed');
  const rows = digests.reduce((sum, { rowCount }) => sum + rowCount, 0);
  return { from: first.day, to: last.day, rows, digest: last.digest };
}
