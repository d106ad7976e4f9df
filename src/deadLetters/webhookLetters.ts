import type { ClientBase, Pool } from 'pg';
import { withoutEncoding } from '../alerts/senders/readRequest.ts';
import { senderNamed } from '../alerts/senders/registry.ts';
import { NotUnderstood } from '../alerts/senders/sender.ts';
import { asUtf8, textOf } from '../alerts/senders/shared/body.ts';
import { WEBHOOKS } from '../db/channels.ts';
import { storableJson } from '../db/storable.ts';
import { Problem } from '../lib/problem.ts';
import { maskSecrets } from '../log/secretTexts.ts';

/** Requests of alert senders that cannot be understood. Their ids begin with `webhook:`. */

const PREFIX = 'webhook:';
const ID = /^webhook:([1-9]\d{0,17})$/;

export const isWebhookLetter = (id: string): boolean => id.startsWith(PREFIX);

/** The number of the request; null for an id that none can have. */
const numberIn = (id: string): string | null => ID.exec(id)?.[1] ?? null;

/** A longer body is shown up to here, and can be replayed or discarded, but not edited. */
export const SHOWN_BYTES = 200_000;

/** The columns of a dead letter, with so many bytes of the body. */
export const webhookLetters = (bytes: number): string => `
  select '${PREFIX}' || r.id as id, r.source as actor_id, 'webhook' as src, 'webhook' as kind, r.reason,
    jsonb_build_object('sender', r.sender, 'method', r.method, 'rest', r.rest, 'query', r.query, 'headers', r.headers,
      'body', encode(substring(r.body for ${bytes}), 'base64'), 'bytes', r.bytes) as input,
    case when r.edited then 'true'::jsonb end as edited, r.attempts, r.error, r.history, r.finished_at, null::jsonb as request
  from webhook_requests r where r.status = 'dead'`;

/** As the sender's adapter reads it. One that cannot be decompressed is shown as it is: nothing else is known about it. */
function textIn({ headers, body }: StoredBody): string {
  const raw = Buffer.from(body, 'base64');
  const request = { headers, method: '', rest: '', query: '' };
  try {
    return textOf({ ...request, body: withoutEncoding({ headers, body: raw }, SHOWN_BYTES) });
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return textOf({ ...request, body: raw });
  }
}

interface StoredBody {
  headers: Record<string, string>;
  /** Base64, perhaps only the beginning. */
  body: string;
}

export interface WebhookPayload {
  method: string;
  query: string;
  content_type: string;
  body: string;
}

/** What a person may read and change of a stored request. */
export function webhookPayload(input: unknown): WebhookPayload {
  const { method, query, headers, body } = input as StoredBody & { method: string; query: string };
  // For secrets that the console has since the request was stored.
  const text = maskSecrets(textIn({ headers, body }));
  return { method, query, content_type: asUtf8(headers['content-type'] ?? ''), body: text };
}

/** A small compressed body may be huge. */
function isTooLong({ headers, body, bytes }: StoredBody & { bytes: number }): boolean {
  if (bytes > SHOWN_BYTES) return true;
  try {
    return withoutEncoding({ headers, body: Buffer.from(body, 'base64') }).length > SHOWN_BYTES;
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return false;
  }
}

interface StoredRequest extends StoredBody {
  sender: string;
  method: string;
  rest: string;
  query: string;
}

/** What its sender's adapter keeps of the request as it arrived. */
const keptOf = ({ sender, body, ...request }: StoredRequest): Record<string, string> =>
  senderNamed(sender)?.keptOnEdit?.({ ...request, body: Buffer.from(body, 'base64') }) ?? {};

/** Throws Problem `invalid_field` for a payload that is no request. */
export async function editWebhook(client: ClientBase, id: string, input: unknown, payload: unknown): Promise<void> {
  if (isTooLong(input as StoredBody & { bytes: number }))
    throw invalid('payload', `A body of more than ${SHOWN_BYTES} bytes cannot be edited`);
  const fields = payload as Partial<WebhookPayload> | null;
  for (const field of ['method', 'query', 'content_type', 'body'] as const) {
    if (typeof fields?.[field] !== 'string') throw invalid(`payload.${field}`, 'Expected a text');
  }
  const { method, query, content_type, body } = fields as WebhookPayload;
  if (!/^(GET|POST|PUT|PATCH|DELETE)$/.test(method))
    throw invalid('payload.method', 'Expected GET, POST, PUT, PATCH or DELETE');
  const raw = Buffer.from(body);
  await client.query(
    `update webhook_requests set method = $2, query = $3, body = $4, bytes = $5, edited = true,
       headers = (headers - 'content-encoding') || $6::jsonb
     where id = $1 and status = 'dead'`,
    [
      numberIn(id),
      method,
      query.replaceAll('\0', ''),
      raw,
      raw.length,
      // What a person writes is stored as UTF-8.
      storableJson({ ...keptOf(input as StoredRequest), 'content-type': asUtf8(content_type) }),
    ],
  );
}

/** Lets the consumer read it again; false where it is no dead letter any more. */
export async function replayWebhook(client: ClientBase, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `with again as (
       update webhook_requests set status = 'waiting', not_before = clock_timestamp(), finished_at = null, attempts = 0
       where id = $1 and status = 'dead' returning source
     ) select pg_notify('${WEBHOOKS}', source) from again`,
    [numberIn(id)],
  );
  return (rowCount ?? 0) > 0;
}

export async function discardWebhook(client: ClientBase, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    "update webhook_requests set status = 'discarded', finished_at = clock_timestamp() where id = $1 and status = 'dead'",
    [numberIn(id)],
  );
  return (rowCount ?? 0) > 0;
}

/** Locks it for a change. */
export const lockWebhook = (client: Pick<Pool, 'query'>, id: string): Promise<unknown> =>
  client.query("select 1 from webhook_requests where id = $1 and status = 'dead' for update", [numberIn(id)]);

export async function recordWebhookEntry(client: ClientBase, id: string, entry: Record<string, string>): Promise<void> {
  await client.query(
    `update webhook_requests set history = history || jsonb_build_array(jsonb_build_object('at',
       to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) || $2::jsonb) where id = $1`,
    [numberIn(id), storableJson(entry)],
  );
}

const invalid = (field: string, reason: string): Problem =>
  new Problem('invalid_field', `${field}: ${reason}.`, { field });
