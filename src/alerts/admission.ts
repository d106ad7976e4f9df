import type { Pool } from 'pg';
import { alertSql, IS_ACTIVE, isOnUmbrella } from '../actors/projections/alert.ts';
import { transaction } from '../db/pool.ts';
import type { Admission } from '../tickets/filingAttempt.ts';
import type { TicketSuppression } from './emission.ts';
import type { IdChurn } from './idChurn.ts';
import type { LastSeen } from './lastSeen.ts';

/** May this ticket be posted now? Asked right before each POST, of the database at that moment. */
export function createAdmission(deps: {
  lastSeen: Pick<LastSeen, 'isSilent'>;
  idChurn: Pick<IdChurn, 'isSuspect'>;
  isAutoTicketOn: () => Promise<boolean>;
  /** What else holds it back at this moment. */
  suppressionNow: (source: string, surfaceId: string | null) => Promise<TicketSuppression>;
  isHelpdeskFailing: () => Promise<boolean>;
  /** Takes one of the source's places in the window; false where none is left. */
  takeSlot: (filingId: string, source: string) => Promise<boolean>;
}): Admission {
  const { lastSeen, idChurn, isAutoTicketOn, suppressionNow, isHelpdeskFailing, takeSlot } = deps;
  return async (filing, probe) => {
    const { request } = filing;
    // A click is an order of its own: it tries the help desk itself, and no storm and no silence concern it.
    if (request.path === 'investigate') return null;
    if (!(await isAutoTicketOn())) return { refused: 'flag_off' };
    // An umbrella names alerts about many surfaces: what concerns one of them does not hold it.
    const { held } = await suppressionNow(request.source, request.path === 'alert' ? request.surfaceId : null);
    if (held) return { refused: held };
    if (request.path === 'alert' && (await lastSeen.isSilent(request.alertKey))) return { refused: 'silent' };
    if (request.path === 'alert' && (await idChurn.isSuspect(request.alertKey))) return { refused: 'unstable_id' };
    if (!probe && (await isHelpdeskFailing())) return { failed: 'held' };
    if (request.path === 'umbrella') return null;
    return (await takeSlot(filing.id, request.source)) ? null : { refused: 'storm' };
  };
}

export interface StormLimits {
  maxTickets: number;
  windowMinutes: number;
  /** 0: no ceiling over all sources. */
  maxTicketsTotal: number;
}

interface StormSlot {
  table: 'filings' | 'direct_messages';
  id: string;
  source: string;
}

/**
 * Takes one of the places that a source (and all sources together) has in the window. Counting happens
 * under a lock for the source, so that no number of processes can admit one too many.
 */
export async function takeStormSlot(pool: Pool, storm: StormLimits, place: StormSlot): Promise<boolean> {
  // Places come free only with time, so a full house is seen without the lock: in a storm that answers nearly everybody.
  const before = await slotUsage(pool, storm, place);
  if (before.is_in || isFull(before, storm)) return before.is_in;
  return transaction(pool, async (client) => {
    await client.query("select pg_advisory_xact_lock(hashtextextended('storm ' || $1, 0))", [
      storm.maxTicketsTotal > 0 ? place.table : `${place.table} ${place.source}`,
    ]);
    const now = await slotUsage(client, storm, place);
    if (now.is_in || isFull(now, storm)) return now.is_in;
    await client.query(`update ${place.table} set admitted_at = clock_timestamp() where id = $1`, [place.id]);
    return true;
  });
}

/** How many places are taken in the window; `all` is 0 where no ceiling stands over all sources. */
interface SlotUsage {
  is_in: boolean;
  mine: number;
  all: number;
}

const isFull = ({ mine, all }: SlotUsage, { maxTickets, maxTicketsTotal }: StormLimits): boolean =>
  mine >= maxTickets || (maxTicketsTotal > 0 && all >= maxTicketsTotal);

async function slotUsage(
  db: Pick<Pool, 'query'>,
  { maxTicketsTotal, windowMinutes }: StormLimits,
  { table, id, source }: StormSlot,
): Promise<SlotUsage> {
  const { rows } = await db.query<SlotUsage>(
    `select exists (select from ${table} where id = $1 and admitted_at is not null) as is_in,
       (select count(*)::int from ${table}
        where source = $2 and admitted_at > clock_timestamp() - $3 * interval '1 minute') as mine,
       case when $4 then (select count(*)::int from ${table}
        where admitted_at > clock_timestamp() - $3 * interval '1 minute') else 0 end as all`,
    [id, source, windowMinutes, maxTicketsTotal > 0],
  );
  return rows[0] as SlotUsage;
}

/** How many alerts of a source are active and have joined an umbrella ticket. */
export async function countOnUmbrella(pool: Pool, source: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from actors a
     where kind = 'alert' and ${IS_ACTIVE}
       and ${alertSql.text('source')} = $1 and ${isOnUmbrella()}`,
    [source],
  );
  return rows[0]?.n ?? 0;
}
