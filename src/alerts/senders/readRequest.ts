import { createHash } from 'node:crypto';
import { inflateRawSync, inflateSync, unzipSync } from 'node:zlib';
import { MAX_LABELS, readInstant } from '../intake/fields.ts';
import { readSeverity } from '../intake/severity.ts';
import { isPlausible } from '../plausibleInstant.ts';
import {
  type Notice,
  NotUnderstood,
  type Sender,
  type SenderRequest,
  type SentAlert,
  type SourceSettings,
} from './sender.ts';
import { fieldsOf } from './shared/body.ts';
import { firstText, labelNamed, lookUp } from './shared/values.ts';
import { isTest } from './testMark.ts';
import { titleOf } from './titleTemplate.ts';

/** Turns a stored request into alerts as `POST /api/alerts` takes them, with what the source's settings say. */

export interface ReadAlerts {
  alerts: Record<string, unknown>[];
  notices: readonly StoredNotice[];
  /** Of the body, once decompressed. */
  bytes: number;
  /** How many other alerts of the request cannot be used. */
  refused: number;
}

/** A notice with the id of its alert in place of the identity. */
export type StoredNotice = { kind: 'truncated'; alerts: number } | { kind: 'acknowledged'; alert_id: string };

/** Throws NotUnderstood. An instant that lay in the future at `receivedAt` is left out, however late that is worked on. */
export async function readRequest(
  sender: Sender,
  request: SenderRequest,
  settings: SourceSettings,
  receivedAt?: Date,
): Promise<ReadAlerts> {
  const plain = { ...request, body: withoutEncoding(request) };
  const { alerts, notices = [], refused = 0 } = await sender.read(plain, settings);
  // Whatever the source calls a severity that is recorded only.
  const quiet = isTest(request) ? { severity: 'none' } : {};
  return {
    alerts: alerts.map((alert) => {
      const emission = { ...emissionOf(alert, settings), ...quiet };
      return receivedAt === undefined ? emission : withoutWrongInstants(emission, receivedAt);
    }),
    notices: notices.map(storedNotice),
    bytes: plain.body.length,
    refused,
  };
}

/** Some objects from JSON cannot be converted by `String`. */
const textOf = (part: unknown): string => (typeof part === 'object' ? JSON.stringify(part) : String(part));

/** Hex SHA-256, so that the first characters of the id already tell alerts apart. */
export const alertIdOf = (identity: readonly unknown[]): string =>
  createHash('sha256').update(identity.map(textOf).join('\n')).digest('hex');

/** Later, when the request is worked on, the instant may not lie in the future any more. */
function withoutWrongInstants(emission: Record<string, unknown>, receivedAt: Date): Record<string, unknown> {
  const wrong = ['starts_at', 'ends_at', 'at'].filter((name) => {
    const { value } = readInstant(emission[name]);
    return value !== null && !isPlausible(value, receivedAt.getTime());
  });
  return wrong.length === 0 ? emission : { ...emission, ...Object.fromEntries(wrong.map((name) => [name, undefined])) };
}

const storedNotice = (notice: Notice): StoredNotice =>
  notice.kind === 'truncated' ? notice : { kind: 'acknowledged', alert_id: alertIdOf(notice.identity) };

function emissionOf(alert: SentAlert, settings: SourceSettings): Record<string, unknown> {
  const { severity, surfaceLabel, surfaces, title } = settings;
  const labels = fieldsOf(alert.labels);
  const named = firstText(labelNamed(labels, surfaceLabel), alert.surface);
  const surface = named === undefined ? undefined : (lookUp(surfaces, named) ?? named);
  return {
    alert_id: alertIdOf(alert.identity),
    status: alert.status,
    only_if_active: alert.onlyIfActive,
    severity: severityOf(firstText(alert.severity)?.toLowerCase(), severity),
    title: title === undefined ? alert.title : titleOf(title, { title: alert.title, surface, labels }),
    details: alert.details,
    url: alert.url,
    surface_id: surface,
    starts_at: alert.startsAt,
    ends_at: alert.endsAt,
    at: alert.at,
    labels: withLinks(labels, linkLabels(alert.links ?? {})),
  };
}

/** The source's own words count first, then those that are common; `default` is for all others. */
function severityOf(word: string | undefined, own: SourceSettings['severity']): string | undefined {
  const given = word === undefined ? undefined : lookUp(own, word);
  if (given !== undefined) return given;
  const common = readSeverity(word);
  if (!common.isKnown) return own.default ?? word;
  return common.isQuiet ? 'none' : common.severity;
}

/** A label holds so many characters, and a link that is cut leads nowhere. */
const MAX_LINK = 1_000;

/** Links travel with the labels, and the ticket shows a label that is an address as a link. */
const linkLabels = (links: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(links).flatMap(([name, value]) => {
      const href = firstText(value);
      return href !== undefined && /^https?:\/\//i.test(href) && href.length <= MAX_LINK ? [[name, href]] : [];
    }),
  );

/** Links come before labels if an alert has more than are kept. */
function withLinks(labels: Record<string, unknown>, links: Record<string, string>): Record<string, unknown> {
  const room = MAX_LABELS - Object.keys(links).length;
  return { ...Object.fromEntries(Object.entries(labels).slice(0, room)), ...links };
}

const MAX_PLAIN_BYTES = 8 * 1_048_576;

/** A small compressed body may be huge, so the result is limited. */
export function withoutEncoding(
  { headers, body }: Pick<SenderRequest, 'headers' | 'body'>,
  maxOutputLength = MAX_PLAIN_BYTES,
): Buffer {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const limit = { maxOutputLength };
  try {
    if (encoding === 'identity' || encoding === '') return body;
    if (encoding === 'gzip' || encoding === 'x-gzip') return unzipSync(body, limit);
    // Senders write deflate with and without the header of zlib.
    if (encoding === 'deflate')
      return (body[0] ?? 0) % 16 === 8 ? inflateSync(body, limit) : inflateRawSync(body, limit);
  } catch (error) {
    throw new NotUnderstood(
      `The body cannot be decompressed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  throw new NotUnderstood(`The content encoding ${encoding.slice(0, 50)} is not supported.`);
}
