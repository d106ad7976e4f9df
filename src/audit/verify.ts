import type { Pool } from 'pg';
import { checkChain, type SealedLate } from './checkChain.ts';
import { addDays } from './dayBatches.ts';
import { type DayRows, readDays } from './dayRows.ts';
import type { Digest, DigestSecrets } from './digest.ts';
import { readDigests } from './digestStore.ts';

interface Options {
  secrets: DigestSecrets;
  /** For how many days the audit log is kept, which explains months that are gone; 0: for ever. */
  auditDays: number;
  /** Compares the rows of so many days only, the newest; all if it is left out. The digests are always all checked. */
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
  /** When the first digest was signed with one of the secrets; null if none is. */
  signedSince: Date | null;
  /** Days that were sealed long after their end: no worker ran, or somebody deleted their digests and had them sealed again. */
  sealedLate: SealedLate[];
  /** Months without any row left although the setting keeps them, as `2026-05`. */
  gone: string[];
  /** Sentences about what was changed. */
  faults: string[];
}

/** Compares the audit log with the digests of its closed days. It reads only, and finds what somebody changed past the triggers. */
export async function verifyAuditLog(pool: Pool, { secrets, auditDays, newestDays }: Options): Promise<Verification> {
  const digests = await readDigests(pool);
  const { faults, signedSince, sealedLate } = checkChain(digests, secrets);
  const { months, today, due, earlierRows } = await readState(pool);
  const [first, last] = [digests.at(0), digests.at(-1)];
  if (first !== undefined && earlierRows > 0) {
    const rows = earlierRows === 1 ? '1 row is' : `${earlierRows} rows are`;
    faults.push(`${rows} from before ${first.day}, the first day that was sealed.`);
  }
  const compared = newestDays === undefined ? digests : digests.slice(-newestDays);
  const differences = await compareRows(pool, compared, months);
  return {
    days: digests.length,
    sealedUntil: last?.day ?? null,
    compared: compared.length,
    late: due !== null && (last?.day ?? '') < due,
    signedSince,
    sealedLate,
    gone: differences.gone.filter((month) => auditDays === 0 || addDays(lastDayOf(month), auditDays + 1) > today),
    faults: [...faults, ...differences.faults],
  };
}

/** `gone`: the months whose sealed rows have left with their partition. */
async function compareRows(
  pool: Pool,
  sealed: readonly Digest[],
  months: ReadonlySet<string>,
): Promise<{ gone: string[]; faults: string[] }> {
  const [first, last] = [sealed.at(0), sealed.at(-1)];
  const gone = new Set<string>();
  const faults: string[] = [];
  if (first === undefined || last === undefined) return { gone: [], faults };
  const byDay = new Map(sealed.map((digest) => [digest.day, digest]));
  for await (const days of readDays(pool, { from: first.day, to: last.day })) {
    for (const rows of days) {
      const digest = byDay.get(rows.day);
      if (digest === undefined || rows.rowsHash === digest.rowsHash) continue;
      if (rows.rowCount === 0 && !months.has(monthOf(rows.day))) gone.add(monthOf(rows.day));
      else faults.push(difference(digest, rows));
    }
  }
  return { gone: [...gone], faults };
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

interface LogState {
  /** Months that have a partition. */
  months: Set<string>;
  today: string;
  /** The last day that should have a digest by now; null if no row is that old. */
  due: string | null;
  /** Rows from before the first sealed day. */
  earlierRows: number;
}

async function readState(pool: Pool): Promise<LogState> {
  const { rows } = await pool.query<Omit<LogState, 'months'> & { months: string[] }>(`
    with clock as (select clock_timestamp() at time zone 'UTC' as now)
    select
      array(select replace(right(c.relname, 7), '_', '-') from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'audit_log'::regclass and c.relname ~ '^audit_log_\\d{4}_\\d{2}$') as months,
      to_char(now, 'YYYY-MM-DD') as today,
      case when (select created_at at time zone 'UTC' from audit_log order by audit_log.created_at, id limit 1)
          < now::date - 1
        then to_char(now - interval '2 days', 'YYYY-MM-DD') end as due,
      (select count(*)::int from audit_log
        where created_at < (select min(day)::timestamp at time zone 'UTC' from audit_digests)) as "earlierRows"
    from clock`);
  const state = rows[0];
  if (state === undefined) throw new Error('the database named no month');
  return { ...state, months: new Set(state.months) };
}
