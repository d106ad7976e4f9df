import type { Pool } from 'pg';
import { addDays, DAYS_AT_ONCE, type DayRows, readDays } from './dayRows.ts';
import { checkChain, type Digest } from './digest.ts';

interface Options {
  secret: string | null;
  /** For how many days the audit log is kept, which explains months that are gone; 0: for ever. */
  auditDays: number;
  /** Compares the rows of so many days only, the newest; all where it is left out. The digests are always all checked. */
  newestDays?: number;
}

export interface Verification {
  /** How many days have a digest, and the last of them. */
  days: number;
  sealedUntil: string | null;
  /** How many days had their rows compared. */
  compared: number;
  /** A day should have been sealed more than a day ago, and is not. */
  late: boolean;
  /** How many of the newest digests are not signed with the secret. */
  unsigned: number;
  /** Months without any row left although the setting keeps them, as `2026-05`. */
  gone: string[];
  /** Sentences about what was changed. */
  faults: string[];
}

/** Compares the audit log with the digests of its closed days. It reads only, and finds what somebody changed past the triggers. */
export async function verifyAuditLog(pool: Pool, { secret, auditDays, newestDays }: Options): Promise<Verification> {
  const digests = await readDigests(pool);
  const { faults, unsigned } = checkChain(digests, secret);
  const { months, today, due } = await readState(pool);
  const gone = new Set<string>();
  const compared = newestDays === undefined ? digests : digests.slice(-newestDays);
  for (let from = 0; from < compared.length; from += DAYS_AT_ONCE) {
    const sealed = compared.slice(from, from + DAYS_AT_ONCE);
    const found = await readDays(pool, sealed[0]?.day ?? '', sealed.at(-1)?.day ?? '');
    const byDay = new Map(found.map((rows) => [rows.day, rows]));
    for (const digest of sealed) {
      const rows = byDay.get(digest.day);
      if (rows === undefined || rows.rowsHash === digest.rowsHash) continue;
      if (rows.rowCount === 0 && !months.has(monthOf(digest.day))) gone.add(monthOf(digest.day));
      else faults.push(difference(digest, rows));
    }
  }
  const sealedUntil = digests.at(-1)?.day ?? null;
  return {
    days: digests.length,
    sealedUntil,
    compared: compared.length,
    late: due !== null && (sealedUntil ?? '') < due,
    unsigned,
    gone: [...gone].filter((month) => auditDays === 0 || addDays(lastDayOf(month), auditDays + 1) > today),
    faults,
  };
}

function difference(sealed: DayRows, found: DayRows): string {
  if (found.rowCount === sealed.rowCount) return `${sealed.day}: rows were changed after the day was sealed.`;
  return `${sealed.day}: ${sealed.rowCount} rows were sealed, and there are ${found.rowCount}.`;
}

const monthOf = (day: string): string => day.slice(0, 7);

function lastDayOf(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}

async function readDigests(pool: Pool): Promise<Digest[]> {
  const { rows } = await pool.query<Digest>(`
    select to_char(day, 'YYYY-MM-DD') as day, row_count as "rowCount", encode(rows_hash, 'hex') as "rowsHash",
      encode(digest, 'hex') as digest, encode(signature, 'hex') as signature, key
    from audit_digests order by audit_digests.day`);
  return rows;
}

/** `due`: the last day that should have a digest by now; null where no row is that old. */
async function readState(pool: Pool): Promise<{ months: Set<string>; today: string; due: string | null }> {
  const { rows } = await pool.query<{ months: string[]; today: string; due: string | null }>(`
    with clock as (select clock_timestamp() at time zone 'UTC' as now)
    select
      array(select replace(right(c.relname, 7), '_', '-') from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'audit_log'::regclass and c.relname ~ '^audit_log_\\d{4}_\\d{2}$') as months,
      to_char(now, 'YYYY-MM-DD') as today,
      case when (select created_at at time zone 'UTC' from audit_log order by audit_log.created_at, id limit 1)
          < now::date - 1
        then to_char(now - interval '2 days', 'YYYY-MM-DD') end as due
    from clock`);
  const state = rows[0];
  if (state === undefined) throw new Error('the database named no month');
  return { ...state, months: new Set(state.months) };
}
