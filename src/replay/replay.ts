import type { Pool } from 'pg';
import { createDecisions, type ReplaySettings } from './decisions.ts';
import { configInForce, filedTickets, isRequest, type ReplayConfig, storedInputs } from './inputs.ts';
import { compareTickets, type Difference } from './tickets.ts';

export interface ReplayResult {
  since: Date;
  until: Date;
  requests: number;
  checks: number;
  /** Tickets as they were filed, or as the configuration in force files them, and as the replay files them. */
  before: number;
  after: number;
  /** Tickets of sources whose alerts are not stored as requests. */
  notReplayed: number;
  differences: Difference[];
}

/**
 * Runs what was stored since then through the decisions. With a candidate, its tickets are compared with those of the
 * configuration in force; without one, those of the configuration in force with what was filed. Writes nothing.
 */
export async function replay(
  pool: Pool,
  { since, candidate, settings }: { since: Date; candidate: ReplayConfig | null; settings: ReplaySettings },
): Promise<ReplayResult> {
  const until = await clockOf(pool);
  const present = createDecisions(await configInForce(pool), settings, since);
  const next = candidate && createDecisions(candidate, settings, since);
  const runs = next ? [present, next] : [present];
  let [requests, checks] = [0, 0];
  for await (const input of storedInputs(pool, since, until)) {
    if (isRequest(input)) requests += 1;
    else checks += 1;
    for (const run of runs) await (isRequest(input) ? run.request(input) : run.check(input));
  }
  for (const run of runs) await run.until(until);
  const filed = next ? null : await filedTickets(pool, since);
  const [before, after] = filed ? [filed.tickets, present.tickets] : [present.tickets, (next ?? present).tickets];
  return {
    ...{ since, until, requests, checks, before: before.length, after: after.length },
    notReplayed: filed?.others ?? 0,
    differences: compareTickets(before, after),
  };
}

async function clockOf(pool: Pool): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now');
  return rows[0]?.now ?? new Date();
}
