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
  const outage: Outage = { began_at: at, ended_at: null, worst: how === 'down' ? 'DOWN' : 'DEGRADED', tickets: [] };
  outages.push(outage);
  return outage;
}

/** Instants in milliseconds by which a ticket belongs to outages. */
export interface TicketTimes {
  id: number;
  /** When the problem began for which it was asked: the status at a click, or the episode of an alert. */
  asked: number;
  filed: number;
  /** When a later click got it. */
  reused: number | null;
  /** Outages that begin until then belong to the same alert. */
  coversUntil: number;
}

/**
 * The outages with the numbers of their tickets. A ticket belongs to the outage that lasted when its problem began, however
 * late it was filed; if none did, because another sender noticed first, to the one during which it was filed.
 */
export function withTickets(outages: readonly Outage[], tickets: readonly TicketTimes[]): Outage[] {
  const of = new Map(outages.map((outage) => [outage, new Set<number>()]));
  for (const { id, asked, filed, reused, coversUntil } of tickets) {
    const lasted = outages.filter((outage) => overlaps(outage, asked, coversUntil));
    const found = lasted.length > 0 ? lasted : outages.filter((outage) => overlaps(outage, filed, filed));
    if (reused !== null) found.push(...outages.filter((outage) => overlaps(outage, reused, reused)));
    for (const outage of found) of.get(outage)?.add(id);
  }
  return outages.map((outage) => ({ ...outage, tickets: [...(of.get(outage) ?? [])] }));
}

function overlaps({ began_at, ended_at }: Outage, from: number, to: number): boolean {
  const began = began_at === null ? Number.NEGATIVE_INFINITY : Date.parse(began_at);
  const ended = ended_at === null ? Number.POSITIVE_INFINITY : Date.parse(ended_at);
  return began <= to && from <= ended;
}
