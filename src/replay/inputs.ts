import type { Pool } from 'pg';
import type { SenderRequest } from '../alerts/senders/sender.ts';
import type { RecordedCheck } from '../surfaces/checks.ts';
import type { SourceConfig } from '../surfaces/fileSources.ts';
import type { SurfaceConfig, SurfacesFile } from '../surfaces/surfacesFile.ts';
import type { ReplayedTicket } from './tickets.ts';

/** What a replay reads from the database. It writes nothing. */

export interface StoredRequest extends SenderRequest {
  source: string;
  sender: string;
  receivedAt: Date;
}
export type StoredCheck = RecordedCheck;
export type ReplayConfig = Pick<SurfacesFile, 'surfaces' | 'sources'>;

const SLICE_MS = 3_600_000;

/** Requests and checks in the order of time, an hour at a time. */
export async function* storedInputs(pool: Pool, since: Date, until: Date): AsyncGenerator<StoredRequest | StoredCheck> {
  const { rows: sources } = await pool.query<{ source: string }>('select source from webhook_sources');
  for (let from = since.getTime(); from < until.getTime(); from += SLICE_MS) {
    const slice = [new Date(from), new Date(Math.min(from + SLICE_MS, until.getTime()))];
    const { rows: requests } = await pool.query<StoredRequest>(REQUESTS, [
      sources.map(({ source }) => source),
      ...slice,
    ]);
    const { rows: checks } = await pool.query<StoredCheck>(CHECKS, slice);
    yield* [...requests, ...checks].toSorted((a, b) => instantOf(a) - instantOf(b));
  }
}

export const isRequest = (input: StoredRequest | StoredCheck): input is StoredRequest => 'sender' in input;
const instantOf = (input: StoredRequest | StoredCheck): number =>
  (isRequest(input) ? input.receivedAt : input.at).getTime();

/** What the surfaces file in force says. */
export async function configInForce(pool: Pool): Promise<ReplayConfig> {
  const surfaces = await pool.query<{ config: SurfaceConfig }>(
    'select config from surfaces where removed_at is null order by id',
  );
  const sources = await pool.query<{ config: SourceConfig }>('select config from alert_sources order by id');
  return { surfaces: surfaces.rows.map(({ config }) => config), sources: sources.rows.map(({ config }) => config) };
}

/** The tickets of alerts that were filed, of sources whose inputs are stored. Others are counted. */
export async function filedTickets(pool: Pool, since: Date): Promise<{ tickets: ReplayedTicket[]; others: number }> {
  const { rows } = await pool.query<Omit<ReplayedTicket, 'at'> & { at: Date; stored: boolean }>(FILED, [since]);
  return {
    tickets: rows.flatMap(({ stored, at, ...ticket }) => (stored ? [{ ...ticket, at: at.toISOString() }] : [])),
    others: rows.filter(({ stored }) => !stored).length,
  };
}

const REQUESTS = `
  select source, sender, method, rest, query, headers, body, received_at as "receivedAt" from webhook_requests
  where source = any($1) and received_at >= $2 and received_at < $3 order by received_at, id`;

const CHECKS = `
  select surface_id as "surfaceId", at, outcome, latency_ms as "latencyMs", http_status as "httpStatus", error
  from checks where at >= $1 and at < $2 order by at`;

const FILED = `
  select source, request->>'alertKey' as "alertKey", request->>'surfaceId' as "surfaceId", request->>'severity' as severity,
    coalesce(request->>'title', 'many alerts from ' || source) as title, request->>'since' as since, filed_at as at,
    false as shadow, source = 'status_poller' or exists (select from webhook_sources w where w.source = f.source) as stored
  from filings f
  where path <> 'investigate' and ticket_id is not null and filed_at >= $1 and (request->>'since')::timestamptz >= $1
  order by filed_at`;
