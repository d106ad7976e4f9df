import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { transaction } from '../db/pool.ts';
import { continuationFault } from './checkChain.ts';
import { type DayRows, readDays } from './dayRows.ts';
import { type DigestSecrets, sealDays } from './digest.ts';
import { readChainEnd, storeDigests } from './digestStore.ts';

interface Options {
  secrets: DigestSecrets;
  signal?: AbortSignal;
}

/** Consecutive days that were sealed. */
interface SealedDays {
  from: string;
  to: string;
  rows: number;
  /** Of the last day, which covers all days before it. */
  digest: string;
  /** These are the first days with a signature, and there are digests of earlier ones. */
  beginsSigning: boolean;
}

const OPEN_CHECKS = 40;
const OPEN_CHECK_MS = 250;

/**
 * Stores the digests of all closed days that have none yet, beginning with the day of the oldest row, and yields the days of
 * each transaction. A day is closed ten minutes after its end, once every transaction that may still add a row of it is
 * over; nobody waits for that but this function. If a transaction lasts too long, nothing is sealed until the next call.
 * Throws if the newest digest is not one that these secrets may continue.
 */
export async function* sealAuditLog(pool: Pool, { secrets, signal }: Options): AsyncGenerator<SealedDays> {
  const { first, last, writers } = await readState(pool);
  if (first === null || first > last) return;
  if (!(await areOver(pool, writers, signal))) return;
  for await (const days of readDays(pool, { from: first, to: last })) {
    if (signal?.aborted) return;
    yield await seal(pool, days, secrets);
  }
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

/** A signature vouches for every digest before it, so nothing is signed that continues what somebody else wrote. */
async function seal(pool: Pool, days: readonly DayRows[], secrets: DigestSecrets): Promise<SealedDays> {
  const [first, last] = [days.at(0), days.at(-1)];
  if (first === undefined || last === undefined) throw new Error('no day was read');
  return transaction(pool, async (client) => {
    const { newest, isAnySigned, now } = await readChainEnd(client, first.day);
    const fault = continuationFault(newest, { isAnySigned }, secrets);
    if (fault !== null) throw new Error(`${fault} Nothing is sealed after it; see "auto-ticketing audit verify".`);
    const { secret } = secrets;
    const digests = sealDays(days, { previous: newest?.digest ?? null, sealedAt: now, secret });
    await storeDigests(client, digests);
    return {
      from: first.day,
      to: last.day,
      rows: days.reduce((sum, { rowCount }) => sum + rowCount, 0),
      digest: digests.at(-1)?.digest ?? '',
      beginsSigning: secret !== null && newest !== null && !isAnySigned,
    };
  });
}
