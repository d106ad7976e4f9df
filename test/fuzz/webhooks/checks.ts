import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { readEmission } from '../../../src/alerts/intake/readEmission.ts';
import { readRequest } from '../../../src/alerts/senders/readRequest.ts';
import { senderNamed } from '../../../src/alerts/senders/registry.ts';
import { NotUnderstood, type SenderRequest } from '../../../src/alerts/senders/sender.ts';
import { createProgressWatch } from '../../faults/progressWatch.ts';
import { MAPPED } from './inputs.ts';
import type { Probe } from './probes.ts';

/** What the database must contain once every stored request was worked on. */

interface Row extends SenderRequest {
  id: number;
  source: string;
  sender: string;
  status: string;
  alerts: number;
  rejected: number;
  reason: string | null;
}

const SETTINGS = { severity: {}, surfaceLabel: 'surface', surfaces: {}, mapping: null };
const CHECK_MS = 50;
/** Of so many rows at once it is checked that they were applied whole. */
const ROWS = 1_000;

/** Waits until no request waits. Resolves with false when they do not get fewer. */
export async function allApplied(pool: Pool): Promise<boolean> {
  const watch = createProgressWatch(600);
  for (;;) {
    const { rows } = await pool.query<{ n: number }>(
      "select count(*)::int as n from webhook_requests where status = 'waiting'",
    );
    const left = rows[0]?.n ?? 0;
    if (left === 0) return true;
    if (watch.isStuck(left)) return false;
    await sleep(CHECK_MS);
  }
}

/** What is wrong with the requests that were stored after the one with the id `after`. */
export async function checkRows(
  pool: Pool,
  after: number,
): Promise<{ faults: string[]; last: number; stored: number }> {
  const faults: string[] = [];
  let [last, stored] = [after, 0];
  for (;;) {
    const { rows } = await pool.query<Row>(SELECT, [last, ROWS]);
    if (rows.length === 0) return { faults, last, stored };
    stored += rows.length;
    for (const row of rows) {
      const fault = await faultOf(row);
      if (fault !== null) faults.push(`request ${row.id} of ${row.sender}: ${fault}`);
    }
    last = rows.at(-1)?.id ?? last;
  }
}

/** It is read again: what it says must have been taken as a whole, or not at all. */
async function faultOf(row: Row): Promise<string | null> {
  const isDead = row.status !== 'done';
  if (isDead && row.reason !== 'not_understood') return `a dead letter with reason ${row.reason}`;
  // How a mapping ends depends on how busy its thread is.
  if (row.source === MAPPED) return null;
  const sender = senderNamed(row.sender);
  if (!sender) return 'there is no such sender';
  try {
    const { alerts, refused } = await readRequest(sender, row, SETTINGS);
    const usable = alerts.filter((alert) => 'alert' in readEmission(alert)).length;
    if (alerts.length > 0 && usable === 0) return isDead ? null : 'done, although none of its alerts can be used';
    if (isDead) return `a dead letter, although ${usable} of its alerts can be used`;
    const rejected = alerts.length - usable + refused;
    return row.alerts === usable && row.rejected === rejected
      ? null
      : `${row.alerts} alerts taken and ${row.rejected} rejected, but it has ${usable} and ${rejected}`;
  } catch (error) {
    if (!(error instanceof NotUnderstood)) return `reading it fails: ${String(error)}`;
    return isDead ? null : `done, although it cannot be understood: ${error.message}`;
  }
}

/** The probes that are not as they were sent. */
export async function wrongProbes(pool: Pool, probes: readonly Probe[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string; active: boolean }>(
    "select id, (snapshot->'context'->>'active')::boolean as active from actors where id = any($1)",
    [probes.map(({ actorId }) => actorId)],
  );
  const active = new Map(rows.map(({ id, active }) => [id, active]));
  return probes
    .filter(({ actorId, isActive }) => active.get(actorId) !== isActive)
    .map(
      ({ actorId, isActive }) =>
        `${actorId} should be ${isActive ? 'active' : 'over'}, but is ${String(active.get(actorId))}`,
    );
}

const SELECT = `
  select id::float8, source, sender, method, rest, query, headers, body, status, alerts, rejected, reason
  from webhook_requests where id > $1 order by id limit $2`;
