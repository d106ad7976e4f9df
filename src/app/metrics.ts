import type { Pool } from 'pg';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { IS_ACTIVE } from '../actors/projections/alert.ts';
import { IS_OFFLINE } from '../actors/projections/connection.ts';
import { ageSeconds } from '../db/age.ts';
import { isDatabaseGone } from '../db/databaseGone.ts';
import { memoizeFor } from '../lib/memoizeFor.ts';

/** Shorter than the interval of any scraper. */
const SHARED_MS = 4_000;

import { withTimeout } from '../lib/withTimeout.ts';

/** A scrape must be answered although the database does not answer. */
const READ_MS = 2_000;

/** All metrics, under the prefix `auto_ticketing_`. Label values are few and fixed. */
export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics(pool: Pick<Pool, 'query'>, sharedMs = SHARED_MS) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name: `auto_ticketing_${name}_total`, help, labelNames, registers });

  // Anybody may read the metrics, so scrapes share what costs the database something.
  const shared = <R extends object>(sql: string) => memoizeFor(sharedMs, () => read<R>(sql));
  const rowCounts = shared<{ what: string; n: number }>(ROWS);
  const reachable = shared<{ up: number }>('select 1 as up');
  const oldestDeadLetter = shared<{ age: number }>(OLDEST_DEAD_LETTER);

  /** No rows while the database is away, so that the process can still report its own metrics. */
  async function read<R extends object>(sql: string): Promise<R[]> {
    try {
      return (await withTimeout(READ_MS, pool.query<R>(sql), () => new Error('timeout expired'))).rows;
    } catch (error) {
      if (!isDatabaseGone(error)) throw error;
      return [];
    }
  }

  new Gauge({
    name: 'auto_ticketing_database_up',
    help: '1 while this process reaches the database, otherwise 0. Figures from the database are absent while it is away.',
    registers,
    async collect() {
      this.set((await reachable()).length);
    },
  });

  new Gauge({
    name: 'auto_ticketing_rows',
    help: 'Rows that need attention, by their kind.',
    labelNames: ['what'],
    registers,
    async collect() {
      const rows = await rowCounts();
      this.reset();
      for (const { what, n } of rows) this.set({ what }, n);
    },
  });

  new Gauge({
    name: 'auto_ticketing_dead_letter_oldest_seconds',
    help: 'Age of the oldest dead letter; 0 where there is none, absent while the database is away.',
    registers,
    async collect() {
      const [oldest] = await oldestDeadLetter();
      // Resetting a gauge without labels would set it to 0.
      if (oldest) this.set(oldest.age);
      else this.remove();
    },
  });

  return {
    registry,
    deliveries: counter('deliveries', 'Events delivered to actors, by kind of actor and result.', ['kind', 'applied']),
    audits: counter('audit_rows', 'Audit rows written by machines.', ['action']),
    changes: counter('status_changes', 'Confirmed changes of surfaces.', ['status']),
    checks: counter('checks', 'Checks made by this process.', ['outcome']),
    irregular: counter(
      'irregular_alerts',
      'Alerts that were rejected or taken with an assumption, by what was wrong.',
      ['what'],
    ),
    webhooks: counter('webhook_requests', 'Requests of alert senders that this process worked on.', ['status']),
    effects: counter('effects', 'Runs of effects in this process.', ['src', 'outcome']),
    calls: new Histogram({
      name: 'auto_ticketing_calls_seconds',
      help: 'Calls to other systems by verb and outcome.',
      labelNames: ['system', 'verb', 'outcome'],
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    reconciled: counter('reconciled', 'Repairs and findings of the reconciler, by kind.', ['what']),
    signIns: counter('sign_ins', 'Sign-ins and sign-outs, by outcome.', ['outcome']),
    refusals: counter('refusals', 'Requests that were refused before they could do anything, by kind.', ['kind']),
    pruneFailures: counter('prune_failures', 'Failed attempts to prune a table, by table.', ['table']),
    errors: counter('unhandled_errors', 'Unexpected errors.', ['where']),
  };
}

const OLDEST_DEAD_LETTER = `
  select coalesce(${ageSeconds('min(finished_at)')}, 0) as age
  from dead_letters`;

const ROWS = `
  select 'dead_letters' as what, count(*)::int as n from dead_letters
  union all select 'webhooks_waiting', count(*)::int from webhook_requests where status = 'waiting'
  union all select 'unstable_alerts', count(*)::int from unstable_alerts u
    where exists (select from actors a where a.id = ${alertActorSql('u.alert_key')} and ${IS_ACTIVE})
  union all select 'parked_actors', count(*)::int from actors where parked is not null
  union all select 'offline', count(*)::int from actors where ${IS_OFFLINE}
  union all select 'alerts_held', count(*)::int from held_alerts where over is null
  union all select 'open_tickets', count(*)::int from filings where ticket_status in ('active', 'pending')
  union all select 'filings_in_doubt', count(*)::int from filings where phase = 'attempting'
  union all select 'tickets_untagged', count(*)::int from filings where phase = 'created'
  union all select 'twin_tickets', count(*)::int from reconcile_findings where kind = 'twin' and settled_at is null
  union all select 'tickets_gone', count(*)::int from filings where ticket_status = 'gone'`;
