import type { Pool } from 'pg';
import { surfaceActor } from '../../machines/shared/actorId.ts';
import { type OutageStep, outageStep } from '../actors/projections/surface.ts';
import type { Outage } from '../model/surfaces.ts';

interface Row {
  at: Date;
  was: OutageStep | null;
  became: OutageStep | null;
}

const WAS = outageStep('from_state');
const BECAME = outageStep('to_state');

/** Steps into, within and out of outages that are read at most. */
const MAX_STEPS = 400;

/** The outages of a surface, derived from its history, newest first. */
export async function outagesOf(pool: Pick<Pool, 'query'>, surfaceId: string, limit: number): Promise<Outage[]> {
  const { rows } = await pool.query<Row>(
    `select at, ${WAS} as was, ${BECAME} as became from actor_history
     where actor_id = $1 and ${WAS} is distinct from ${BECAME}
     order by id desc limit $2`,
    [surfaceActor(surfaceId), MAX_STEPS],
  );
  return outagesFrom(rows.reverse()).reverse().slice(0, limit);
}

/** `steps` from the oldest. */
function outagesFrom(steps: readonly Row[]): Outage[] {
  const outages: Outage[] = [];
  let current: Outage | null = null;
  for (const { at, was, became } of steps) {
    // The first known step may leave an outage whose beginning is no longer in the history.
    if (was !== null) current ??= openOutage(null, was, outages);
    if (became !== null) {
      current ??= openOutage(at.toISOString(), became, outages);
      if (became === 'down') current.worst = 'DOWN';
    } else if (current) {
      current.ended_at = at.toISOString();
      current = null;
    }
  }
  return outages;
}

function openOutage(at: string | null, how: OutageStep, outages: Outage[]): Outage {
  const outage: Outage = { began_at: at, ended_at: null, worst: how === 'down' ? 'DOWN' : 'DEGRADED' };
  outages.push(outage);
  return outage;
}
