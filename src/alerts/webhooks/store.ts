import type { ClientBase, Pool } from 'pg';
import { WEBHOOKS } from '../../db/channels.ts';
import { prepared, queryPrepared } from '../../db/prepared.ts';
import { storable, storableJson } from '../../db/storable.ts';
import { maskSecretBytes, maskSecrets } from '../../log/secretTexts.ts';
import type { SenderRequest } from '../senders/sender.ts';

/** The stored requests of alert senders. */

export interface WebhookRequest extends SenderRequest {
  source: string;
  sender: string;
}

export interface WaitingRequest extends WebhookRequest {
  id: string;
  attempts: number;
  /** What the attempts failed with since it was last replayed. Each has added one entry to the history. */
  failures: string[];
  receivedAt: Date;
  isDue: boolean;
}

/** What became of a request. */
export interface Finished {
  id: string;
  status: 'done' | 'dead' | 'waiting';
  alerts?: number;
  rejected?: number;
  /** Alerts that the sender left out. */
  leftOut?: number;
  /** Of a dead letter: its kind of failure, and what to tell a person. */
  reason?: string;
  message?: string;
  /** Of a request that still waits. */
  retrySeconds?: number;
}

/** With more than this waiting, a source is told to slow down. */
const MAX_WAITING = 10_000;
const MAX_WAITING_BYTES = 256 * 1_048_576;
/** A request that failed is tried again after at most so long. */
export const LONGEST_RETRY_SECONDS = 60;
/** The consumer has so much in memory at once. */
const BATCH = 100;
const BATCH_BYTES = 16 * 1_048_576;

/**
 * Durable once it returns. Null where too much of this source waits already. Requests of one source arrive at different
 * milliseconds, since their order is told by these, also where the clock was set back: then a new one follows the latest
 * of the next day. One that is later still was received with a clock that was quite wrong.
 */
export async function storeRequest(
  pool: Pick<Pool, 'query'>,
  { source, sender, method, rest, query, headers, body: sent }: WebhookRequest,
): Promise<string | null> {
  // Viewers read dead letters, and a sender may repeat its token in the body or the address.
  const body = maskSecretBytes(sent);
  const masked = (text: string) => storable(maskSecrets(text));
  const { rows } = await queryPrepared<{ id: string }>(pool, STORE, [
    ...[source, sender, method, masked(rest), masked(query), storableJson(headers), body, body.length],
    ...[MAX_WAITING, MAX_WAITING_BYTES, WEBHOOKS],
  ]);
  return rows[0]?.id ?? null;
}

const STORE = prepared(`
  with waiting as (
    select count(*) as requests, coalesce(sum(bytes), 0) as bytes from webhook_requests
    where source = $1 and status = 'waiting'
  ), known as (
    insert into webhook_sources (source, sender) select $1::text, $2::text
    where not exists (select from webhook_sources where source = $1 and sender = $2)
    on conflict (source) do update set sender = excluded.sender
  ), stored as (
    insert into webhook_requests (source, sender, method, rest, query, headers, body, bytes, received_at)
    select $1, $2, $3, $4, $5, $6::jsonb, $7::bytea, $8::integer, greatest(clock_timestamp(), (
      select max(received_at) + interval '1 ms' from webhook_requests
      where source = $1 and received_at < now() + interval '1 day')) from waiting
    where waiting.requests < $9 and (waiting.requests = 0 or waiting.bytes + $8 <= $10) returning id
  )
  select id::text, pg_notify($11, $1) from stored`);

/**
 * SQL of whether a request is due that is put off until then. One that is put off for longer than any pause between tries
 * was stored before the clock was set back, and would hold up its source for the whole step.
 */
const isDue = (notBefore: string): string =>
  `(${notBefore} <= clock_timestamp() or ${notBefore} > clock_timestamp() + ${LONGEST_RETRY_SECONDS} * interval '1 second')`;

/** Takes the source with work that was served longest ago, for so many seconds; null where no source has work. */
export async function claimSource(pool: Pick<Pool, 'query'>, lease: string, seconds: number): Promise<string | null> {
  const { rows } = await pool.query<{ source: string }>(
    `update webhook_sources set lease = $1, leased_until = clock_timestamp() + $2 * interval '1 second',
       served_at = clock_timestamp()
     where source = (
       select s.source from webhook_sources s cross join lateral (
         select r.id, r.not_before from webhook_requests r
         where r.source = s.source and r.status = 'waiting' order by r.id limit 1
       ) head
       -- A lease that lasts longer was taken before the clock was set back.
       where (s.leased_until <= clock_timestamp() or s.leased_until > clock_timestamp() + $2 * interval '1 second')
         and ${isDue('head.not_before')}
       order by s.served_at, head.id limit 1 for update of s skip locked)
     returning source`,
    [lease, seconds],
  );
  return rows[0]?.source ?? null;
}

/** Prolongs the lease; false where another process has taken the source over. */
export async function keepSource(
  pool: Pick<Pool, 'query'>,
  source: string,
  lease: string,
  seconds: number,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update webhook_sources set leased_until = clock_timestamp() + $3 * interval '1 second'
     where source = $1 and lease = $2`,
    [source, lease, seconds],
  );
  return (rowCount ?? 0) > 0;
}

export async function releaseSource(pool: Pick<Pool, 'query'>, source: string, lease: string): Promise<void> {
  await pool.query(
    `update webhook_sources set leased_until = '-infinity', lease = null where source = $1 and lease = $2`,
    [source, lease],
  );
}

/** The next requests of a source, oldest first. */
export async function waitingRequests(pool: Pick<Pool, 'query'>, source: string): Promise<WaitingRequest[]> {
  const { rows } = await pool.query<WaitingRequest>(
    `select id::text, source, sender, method, rest, query, headers, body, attempts, received_at as "receivedAt",
       ${isDue('not_before')} as "isDue", array(select entry->'error'->>'message' from jsonb_array_elements(history)
         with ordinality as entries (entry, place) where place > jsonb_array_length(history) - attempts) as failures
     from webhook_requests where id = any (array(
       select id from (
         select id, sum(bytes) over (order by id) - bytes as before from (
           select id, bytes from webhook_requests where source = $1 and status = 'waiting' order by id limit $2
         ) oldest
       ) sized where before < $3))
     order by webhook_requests.id`,
    [source, BATCH, BATCH_BYTES],
  );
  return rows;
}

/** Whether the source was not taken over; then it cannot be before the transaction ends. */
export async function isHolder(
  client: Pick<ClientBase, 'query'>,
  { source, lease }: { source: string; lease: string },
): Promise<boolean> {
  const { rowCount } = await client.query('select 1 from webhook_sources where source = $1 and lease = $2 for share', [
    source,
    lease,
  ]);
  return (rowCount ?? 0) > 0;
}

/** Records what became of requests; false where the source was taken over meanwhile, and nothing was recorded. */
export async function finishRequests(
  client: Pick<ClientBase, 'query'>,
  { source, lease }: { source: string; lease: string },
  finished: readonly Finished[],
): Promise<boolean> {
  if (!(await isHolder(client, { source, lease }))) return false;
  await client.query(
    `update webhook_requests r set status = x.status, alerts = coalesce(x.alerts, 0), rejected = coalesce(x.rejected, 0),
       left_out = coalesce(x."leftOut", 0), attempts = r.attempts + 1, reason = x.reason,
       error = case when x.message is not null then jsonb_build_object('message', x.message) end,
       not_before = clock_timestamp() + coalesce(x."retrySeconds", 0) * interval '1 second',
       finished_at = case when x.status <> 'waiting' then clock_timestamp() end,
       history = case when x.message is null then r.history else r.history || jsonb_build_array(jsonb_build_object(
         'at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'what', 'failed',
         'attempt', r.attempts + 1, 'error', jsonb_build_object('message', x.message))) end
     from jsonb_to_recordset($1::jsonb) as x (id bigint, status text, alerts integer, rejected integer, "leftOut" integer, reason text,
       message text, "retrySeconds" double precision)
     where r.id = x.id and r.status = 'waiting'`,
    [storableJson(finished)],
  );
  return true;
}

/** A sender that is set up wrongly sends dead letters for ever; of one source so many are kept for a person. */
const MAX_DEAD = 1_000;

/** Discards the oldest dead letters of a source that has too many, and answers how many. */
export async function discardOldestDead(client: Pick<ClientBase, 'query'>, source: string): Promise<number> {
  const { rowCount } = await client.query(
    `update webhook_requests set status = 'discarded', finished_at = clock_timestamp()
     where id in (select id from webhook_requests where source = $1 and status = 'dead' order by id desc offset $2)
       and status = 'dead'`,
    [source, MAX_DEAD],
  );
  return rowCount ?? 0;
}
