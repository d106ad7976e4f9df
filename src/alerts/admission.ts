import type { Pool } from 'pg';
import { alertSql, IS_ACTIVE, isOnUmbrella } from '../actors/projections/alert.ts';
import { transaction } from '../db/pool.ts';
import type { Admission } from '../tickets/filingAttempt.ts';
import type { TicketSuppression } from './emission.ts';
import type { IdChurn } from './idChurn.ts';
import type { LastSeen } from './lastSeen.ts';

/** Decides right before each POST whether a ticket may be filed, from the database at that moment. */
export function createAdmission(deps: {
  lastSeen: Pick<LastSeen, 'isSilent'>;
  idChurn: Pick<IdChurn, 'isSuspect'>;
  isAutoTicketOn: () => Promise<boolean>;
  /** What else suppresses the ticket at this moment. */
  suppressionNow: (source: string, surfaceId: string | null) => Promise<TicketSuppression>;
  isHelpdeskFailing: () => Promise<boolean>;
  /** Takes one of the source's slots in the storm window; false where none is left. */
  takeSlot: (filingId: string, source: string) => Promise<boolean>;
}): Admission {
  const { lastSeen, idChurn, isAutoTicketOn, suppressionNow, isHelpdeskFailing, takeSlot } = deps;
  return async (filing, probe, posts = true) => {
    const { request } = filing;
    // A click is always tried: flag, suppression, silence and storm limits apply to alerts only.
    if (request.path === 'investigate') return null;
    if (!(await isAutoTicketOn())) return { refused: 'flag_off' };
    // An umbrella ticket is about many surfaces, so the trouble of one of them does not suppress it.
    const { held } = await suppressionNow(request.source, request.path === 'alert' ? request.surfaceId : null);
    if (held) return { refused: held };
    if (request.path === 'alert' && (await lastSeen.isSilent(request.alertKey))) return { refused: 'silent' };
    if (request.path === 'alert' && (await idChurn.isSuspect(request.alertKey))) return { refused: 'unstable_id' };
    if (!probe && (await isHelpdeskFailing())) return { failed: 'held' };
    if (request.path === 'umbrella' || !posts) return null;
    return (await takeSlot(filing.id, request.source)) ? null : { refused: 'storm' };
  };
}

export interface StormLimits {
  maxTickets: number;
  windowMinutes: number;
  /** Limit over all sources together; 0 for none. */
  maxTicketsTotal: number;
}

interface StormSlot {
  table: 'filings' | 'direct_messages';
  id: string;
  source: string;
}

/**
 * Takes one of the slots that a source (and all sources together) has in the storm window; true where the filing or
 * message has one. Slots are counted under a lock for the source, so that processes together never exceed the limit.
 */
export async function takeStormSlot(pool: Pool, storm: StormLimits, place: StormSlot): Promise<boolean> {
  // Slots only become free with time, so a full window can be detected without the lock. In a storm that is the usual case.
  const before = await slotUsage(pool, storm, place);
  if (before.has_slot || isFull(before, storm)) return before.has_slot;
  return transaction(pool, async (client) => {
    await client.query("select pg_advisory_xact_lock(hashtextextended('storm ' || $1, 0))", [
      storm.maxTicketsTotal > 0 ? place.table : `${place.table} ${place.source}`,
    ]);
    const now = await slotUsage(client, storm, place);
    if (now.has_slot || isFull(now, storm)) return now.has_slot;
    await client.query(`update ${place.table} set admitted_at = clock_timestamp() where id = $1`, [place.id]);
    return true;
  });
}

/** How many slots of the window are taken; `of_all` is 0 where there is no limit over all sources. */
interface SlotUsage {
  has_slot: boolean;
  of_source: number;
  of_all: number;
}

const isFull = ({ of_source, of_all }: SlotUsage, { maxTickets, maxTicketsTotal }: StormLimits): boolean =>
  of_source >= maxTickets || (maxTicketsTotal > 0 && of_all >= maxTicketsTotal);

async function slotUsage(
  db: Pick<Pool, 'query'>,
  { maxTicketsTotal, windowMinutes }: StormLimits,
  { table, id, source }: StormSlot,
): Promise<SlotUsage> {
  const { rows } = await db.query<SlotUsage>(
    `select exists (select from ${table} where id = $1 and admitted_at is not null) as has_slot,
       (select count(*)::int from ${table}
        where source = $2 and admitted_at > clock_timestamp() - $3 * interval '1 minute') as of_source,
       case when $4 then (select count(*)::int from ${table}
        where admitted_at > clock_timestamp() - $3 * interval '1 minute') else 0 end as of_all`,
    [id, source, windowMinutes, maxTicketsTotal > 0],
  );
  return rows[0] as SlotUsage;
}

/** Counts the active alerts of a source that are on an umbrella ticket. */
export async function countOnUmbrella(pool: Pool, source: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from actors a
     where kind = 'alert' and ${IS_ACTIVE}
       and ${alertSql.text('source')} = $1 and ${isOnUmbrella()}`,
    [source],
  );
  return rows[0]?.n ?? 0;
}
