import type { Pool } from 'pg';
import { Gauge, type Registry } from 'prom-client';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { IS_ACTIVE } from '../actors/projections/alert.ts';
import { IS_OFFLINE } from '../actors/projections/connection.ts';
import { HELPDESK_FAILS, helpdeskSql } from '../actors/projections/helpdesk.ts';
import { silenceIsActive } from '../alerts/silences/active.ts';
import { ageSeconds } from '../db/age.ts';
import { isDatabaseGone, isMissingInDatabase } from '../db/databaseGone.ts';
import type { Flags } from '../flags/flags.ts';
import { memoizeFor } from '../lib/memoizeFor.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import { countByStatus } from '../surfaces/statusCounts.ts';

interface Source {
  pool: Pick<Pool, 'query'>;
  /** Asked whether the database is there when `pool` gives no figures, because readers may hold all its connections. */
  reservedPool?: Pick<Pool, 'query'>;
  /** While the process waits for its migrations, statements may name what does not exist yet. */
  awaitsMigration?: () => boolean;
  flags: Pick<Flags, 'list'>;
  pollIntervalSeconds: number;
  /** For how long figures are shared. */
  sharedMs?: number;
  /** How long the database may take for its figures. */
  readMs?: number;
}

/** Shorter than the interval of any scraper. */
const SHARED_MS = 4_000;

/** A scrape must be answered although the database does not answer. */
const READ_MS = 2_000;

type Sample = [labels: Record<string, string>, value: number];

/** Gauges that are read from the database, once for each scrape. While it is away they are absent, all but the first. */
export function addDatabaseGauges(registry: Registry, source: Source): void {
  // Anybody may read the metrics, so the gauges of a scrape share their queries, and so do concurrent scrapes.
  const sharedMs = source.sharedMs ?? SHARED_MS;
  const figures = memoizeFor(sharedMs, () => readFigures(source));
  const isReached = memoizeFor(sharedMs, () => answers(source.reservedPool ?? source.pool));
  const gauge = (name: string, help: string, samplesOf: (now: Figures) => Sample[]) => {
    const [label] = LABELS[name] ?? [];
    return new Gauge({
      name: `auto_ticketing_${name}`,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [registry],
      async collect() {
        const now = await figures();
        // Resetting a gauge without labels would set it to 0.
        if (label === undefined) this.remove();
        else this.reset();
        for (const [labels, value] of now === null ? [] : samplesOf(now)) this.set(labels, value);
      },
    });
  };

  new Gauge({
    name: 'auto_ticketing_database_up',
    help: '1 while this process reaches the database, otherwise 0. Figures from the database are absent while it is away or too slow.',
    registers: [registry],
    async collect() {
      this.set((await figures()) !== null || (await isReached()) ? 1 : 0);
    },
  });
  gauge('rows', 'Rows that need attention, by their kind.', ({ rows }) => rows.map(({ what, n }) => [{ what }, n]));
  gauge('surfaces', 'Watched surfaces, by their status.', ({ statuses }) =>
    Object.entries(statuses).map(([status, n]) => [{ status }, n]),
  );
  gauge('flag_enabled', '1 while the feature flag is on, otherwise 0.', ({ flags }) =>
    flags.map(({ name, enabled }) => [{ flag: name }, enabled ? 1 : 0]),
  );
  gauge('oldest_seconds', 'Age of the oldest of its kind that waits; 0 if none waits.', ({ ages }) =>
    WAITING.map((what) => [{ what }, ages[what]]),
  );
  gauge('dead_letter_oldest_seconds', 'Age of the oldest dead letter; 0 if there is none.', ({ ages }) => [
    [{}, ages.dead_letter],
  ]);
  gauge('poll_late_seconds', 'How long the check that is longest overdue has been due; 0 if none is.', ({ ages }) => [
    [{}, ages.check],
  ]);
  gauge('freescout_failing', '1 while filing is suspended because FreeScout fails, otherwise 0.', ({ ages }) => [
    [{}, ages.freescout === null ? 0 : 1],
  ]);
  gauge('freescout_failing_seconds', 'For how long FreeScout has been failing; 0 while it works.', ({ ages }) => [
    [{}, ages.freescout ?? 0],
  ]);
}

const LABELS: Record<string, [string]> = {
  rows: ['what'],
  surfaces: ['status'],
  flag_enabled: ['flag'],
  oldest_seconds: ['what'],
};

type Figures = Awaited<ReturnType<typeof readAll>>;

const answers = (pool: Pick<Pool, 'query'>): Promise<boolean> =>
  withTimeout(READ_MS, pool.query('select 1'), () => new Error('timeout expired')).then(
    () => true,
    () => false,
  );

/** null while the database is away, or does not answer in time. */
async function readFigures(source: Source): Promise<Figures | null> {
  try {
    return await withTimeout(source.readMs ?? READ_MS, readAll(source), () => new Error('timeout expired'));
  } catch (error) {
    if (isDatabaseGone(error) || (source.awaitsMigration?.() && isMissingInDatabase(error))) return null;
    throw error;
  }
}

async function readAll({ pool, flags, pollIntervalSeconds }: Source) {
  const [rows, ages, statuses, flagStates] = await Promise.all([
    pool.query<{ what: string; n: number }>(ROWS),
    pool.query<Ages>(AGES),
    countByStatus(pool, pollIntervalSeconds),
    flags.list(),
  ]);
  return { rows: rows.rows, ages: ages.rows[0] as Ages, statuses, flags: flagStates };
}

const WAITING = ['dead_letter', 'job', 'webhook', 'filing_in_doubt'] as const;

type Ages = Record<(typeof WAITING)[number] | 'check', number> & {
  /** null while FreeScout works. */
  freescout: number | null;
};

const age = (instants: string): string =>
  `coalesce((select ${ageSeconds('min(at)')} from (${instants}) waiting (at)), 0)`;

const AGES = `
  select
    ${age('select finished_at from dead_letters')} as dead_letter,
    ${age('select run_at from graphile_worker._private_jobs where is_available and run_at <= clock_timestamp()')} as job,
    ${age("select received_at from webhook_requests where status = 'waiting'")} as webhook,
    ${age("select attempted_at from filings where phase = 'attempting'")} as filing_in_doubt,
    ${age('select next_check_at from surfaces where removed_at is null and next_check_at <= clock_timestamp()')} as check,
    (select ${ageSeconds(`(${helpdeskSql.text('failingSince')})::timestamptz`)} from actors where ${HELPDESK_FAILS}) as freescout`;

const ROWS = `
  select 'dead_letters' as what, count(*)::int as n from dead_letters
  union all select 'webhooks_waiting', count(*)::int from webhook_requests where status = 'waiting'
  union all select 'unstable_alerts', count(*)::int from unstable_alerts u
    where exists (select from actors a where a.id = ${alertActorSql('u.alert_key')} and ${IS_ACTIVE})
  union all select 'parked_actors', count(*)::int from actors where parked is not null
  union all select 'offline', count(*)::int from actors where ${IS_OFFLINE}
  union all select 'alerts_held', count(*)::int from held_alerts where over is null
  union all select 'silences', count(*)::int from silences where ${silenceIsActive()}
  union all select 'open_tickets', count(*)::int from filings where ticket_status in ('active', 'pending')
  union all select 'filings_in_doubt', count(*)::int from filings where phase = 'attempting'
  union all select 'tickets_untagged', count(*)::int from filings where phase = 'created'
  union all select 'twin_tickets', count(*)::int from reconcile_findings where kind = 'twin' and settled_at is null
  union all select 'tickets_gone', count(*)::int from filings where ticket_status = 'gone'`;
