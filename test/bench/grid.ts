import type { Pool } from 'pg';
import { createDelivery, type Deliver } from '../../src/actors/deliver.ts';
import { NOT_SUPPRESSED } from '../../src/alerts/emission.ts';
import { actionWriters, createRouter } from '../../src/app/actionWriters.ts';
import { registry } from '../../src/app/machineRegistry.ts';
import { createLog } from '../../src/log/log.ts';
import { batches } from './alerts.ts';

/** Surfaces without services behind them: what the poller would have stored is written directly. */

const POLICY = {
  autoTicket: false,
  isSilenced: () => false,
  suppressionOf: () => NOT_SUPPRESSED,
  flapMaxEpisodes: 5,
  flapWindowMs: 600_000,
  reopenWithinMs: () => 0,
  escalateAfterMs: () => null,
};

/** Delivers as the program does, with alerts that get no ticket. */
export function createBenchDelivery(pool: Pool): Deliver {
  const router = async () => createRouter(POLICY);
  const log = createLog({ level: 'silent' });
  return createDelivery({ pool, registry, log, writers: actionWriters, router }).deliver;
}

/** A check result as the poller delivers it. */
export function checkResult(n: number, isDown: boolean) {
  const policy = { failuresToOpen: 1, successesToClose: 1, severity: { degraded: null, down: null } };
  const error = isDown ? 'HTTP 500, expected 200 to 299' : null;
  const event = { type: 'CHECKED', outcome: isDown ? 'down' : 'up', error, name: `Service number ${n}`, ...policy };
  return { to: `surface:surface-${n}`, event };
}

/** Stores this many surfaces in twenty groups, with ninety days each. One in a hundred is down and has a ticket. */
export async function fillGrid(pool: Pool, deliver: Deliver, size: number): Promise<void> {
  await pool.query(
    `insert into surfaces (id, position, config, checked_at, outcome, latency_ms, recent)
     select 'surface-' || n, n, jsonb_build_object('id', 'surface-' || n, 'name', 'Service number ' || n, 'group', 'Group ' || n % 20,
         'url', 'https://service-' || n || '.example.com/healthz'),
       clock_timestamp(), 'up', 80, array(select (60 + random() * 90)::int from generate_series(1, 30) where n > 0)
     from generate_series(1, $1) n`,
    [size],
  );
  await pool.query(
    `insert into surface_days (surface_id, day, operational, degraded, down)
     select 'surface-' || n, (now() at time zone 'UTC')::date - d, 2880, (random() < 0.01)::int, (random() < 0.01)::int
     from generate_series(1, $1) n, generate_series(0, 89) d`,
    [size],
  );
  const all = Array.from({ length: size }, (_, n) => checkResult(n + 1, (n + 1) % 100 === 0));
  for (const batch of batches(all)) await deliver(batch);
  await pool.query(
    `insert into filings (id, marker, path, actor_id, subject_key, request, phase, ticket_id, ticket_url, filed_at, ticket_status, assignee, checked_at)
     select 'f' || n, 'AT-' || n, 'investigate', 'surface:surface-' || n, 'k' || n, jsonb_build_object('surfaceId', 'surface-' || n),
       'tagged', n, 'https://tickets.example.com/conversation/' || n, now(), 'active', 'Sam Support', now()
     from generate_series(100, $1, 100) n`,
    [size],
  );
  await pool.query('vacuum analyze');
}

/** Stores the results of the checks of one second, at an interval of 30 s: latencies change, no status does. */
export async function storeChecks(pool: Pool, size: number, second: number): Promise<void> {
  await pool.query(
    `update surfaces set checked_at = clock_timestamp(), latency_ms = 60 + random() * 90,
       recent = recent[2:30] || (60 + random() * 90)::int
     where position % 30 = $1 and position <= $2`,
    [second % 30, size],
  );
}
