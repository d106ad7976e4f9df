import type { Pool, PoolClient } from 'pg';
import { transaction } from '../db/pool.ts';
import type { Admission } from '../tickets/filing.ts';
import type { Held } from './emission.ts';
import type { Identities } from './identities.ts';
import type { Sightings } from './sightings.ts';

/** May this ticket be posted now? Asked right before each POST, of the database at that moment. */
export function createAdmission(deps: {
  sightings: Pick<Sightings, 'isSilent'>;
  identities: Pick<Identities, 'isSuspect'>;
  isAutoTicketOn: () => Promise<boolean>;
  /** What else holds it back at this moment. */
  holdNow: (source: string, surfaceId: string | null) => Promise<Held>;
  deskFails: () => Promise<boolean>;
  /** Takes one of the source's places in the window; false where none is left. */
  takePlace: (filingId: string, source: string) => Promise<boolean>;
}): Admission {
  const { sightings, identities, isAutoTicketOn, holdNow, deskFails, takePlace } = deps;
  return async (filing, probe) => {
    const { request } = filing;
    // A click is an order of its own: it tries the help desk itself, and no storm and no silence concern it.
    if (request.path === 'investigate') return null;
    if (!(await isAutoTicketOn())) return { refused: 'flag_off' };
    // An umbrella names alerts about many surfaces: what concerns one of them does not hold it.
    const { held } = await holdNow(request.source, request.path === 'alert' ? request.surfaceId : null);
    if (held) return { refused: held };
    if (request.path === 'alert' && (await sightings.isSilent(request.alertKey))) return { refused: 'silent' };
    if (request.path === 'alert' && (await identities.isSuspect(request.alertKey))) return { refused: 'unstable_id' };
    if (!probe && (await deskFails())) return { failed: 'held' };
    if (request.path === 'umbrella') return null;
    return (await takePlace(filing.id, request.source)) ? null : { refused: 'storm' };
  };
}

export interface Storm {
  maxTickets: number;
  windowMinutes: number;
  /** 0: no ceiling over all sources. */
  maxTicketsTotal: number;
}

interface Place {
  table: 'filings' | 'direct_messages';
  id: string;
  source: string;
}

/**
 * Takes one of the places that a source (and all sources together) has in the window. Counting happens
 * under a lock for the source, so that no number of processes can admit one too many.
 */
export async function admit(pool: Pool, storm: Storm, place: Place): Promise<boolean> {
  return !(await isFull(pool, storm, place)) && takePlace(pool, storm, place);
}

/**
 * Whether there is certainly no place now. Places come free only with time, so this may be asked without the lock, and
 * in a storm nearly everybody is answered by it.
 */
async function isFull(
  pool: Pool,
  { maxTickets, maxTicketsTotal, windowMinutes }: Storm,
  { table, id, source }: Place,
): Promise<boolean> {
  const { rows } = await pool.query<{ is_in: boolean; mine: number; all: number }>(
    `select exists (select from ${table} where id = $1 and admitted_at is not null) as is_in,
       (select count(*)::int from ${table}
        where source = $2 and admitted_at > clock_timestamp() - $3 * interval '1 minute') as mine,
       case when $4 then (select count(*)::int from ${table}
        where admitted_at > clock_timestamp() - $3 * interval '1 minute') else 0 end as all`,
    [id, source, windowMinutes, maxTicketsTotal > 0],
  );
  const [found] = rows;
  if (!found || found.is_in) return false;
  return found.mine >= maxTickets || (maxTicketsTotal > 0 && found.all >= maxTicketsTotal);
}

function takePlace(pool: Pool, storm: Storm, { table, id, source }: Place): Promise<boolean> {
  return transaction(pool, async (client) => {
    await client.query("select pg_advisory_xact_lock(hashtextextended('storm ' || $1, 0))", [
      storm.maxTicketsTotal > 0 ? table : `${table} ${source}`,
    ]);
    const already = await client.query(`select 1 from ${table} where id = $1 and admitted_at is not null`, [id]);
    if ((already.rowCount ?? 0) > 0) return true;
    const mine = await admitted(client, table, storm.windowMinutes, source);
    if (mine >= storm.maxTickets) return false;
    if (
      storm.maxTicketsTotal > 0 &&
      (await admitted(client, table, storm.windowMinutes, null)) >= storm.maxTicketsTotal
    ) {
      return false;
    }
    await client.query(`update ${table} set admitted_at = clock_timestamp() where id = $1`, [id]);
    return true;
  });
}

async function admitted(client: PoolClient, table: string, minutes: number, source: string | null): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `select count(*)::int as n from ${table}
     where admitted_at > clock_timestamp() - $1 * interval '1 minute' and ($2::text is null or source = $2)`,
    [minutes, source],
  );
  return rows[0]?.n ?? 0;
}

/** How many alerts of a source are active and have joined an umbrella ticket. */
export async function countOnUmbrella(pool: Pool, source: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from actors
     where kind = 'alert' and coalesce(snapshot->'context'->'active', 'false'::jsonb) = 'true'
       and snapshot->'context'->>'source' = $1 and state->>'ticket' = 'stormed'`,
    [source],
  );
  return rows[0]?.n ?? 0;
}
