import { gzipSync } from 'node:zlib';
import { senderNamed } from '../../../src/alerts/senders/registry.ts';
import { type Fixture, fixturesOf } from '../../alerts/senders/fixtures.ts';
import type { Random } from '../../faults/random.ts';
import { WEBHOOK_SOURCES } from '../../faults/sources.ts';
import type { WebhookPost } from '../../faults/webhooks/format.ts';
import { json, mutated, serialized, text } from '../draw.ts';
import { type Input, TYPES } from '../requests.ts';

/** Requests of alert senders as they are written in the formats, and as broken senders and attackers write them. */

/** A source whose alerts are given by a mapping. */
export const MAPPED = 'mapped';

/** Every source with its sender. */
const SOURCES: readonly (readonly [source: string, sender: string])[] = [
  ...Object.entries(WEBHOOK_SOURCES),
  [MAPPED, 'generic'],
];

export const TOKENS: ReadonlyMap<string, string> = new Map(
  SOURCES.map(([source]) => [source, `token-of-${source}-0123456789abcdef`]),
);

const hasMapping = ({ settings }: Fixture): boolean => settings?.mapping !== undefined && settings.mapping !== null;
const FIXTURES = new Map(
  SOURCES.map(([source, sender]) => [
    source,
    fixturesOf(sender).filter(
      (fixture) => hasMapping(fixture) === (source === MAPPED) && !fixture.file.includes('endless'),
    ),
  ]),
);

/** That of the fixture. */
export const MAPPING: string = FIXTURES.get(MAPPED)?.[0]?.settings?.mapping ?? '';

/** Input `n`; each source has its turn. */
export function drawWebhook(random: Random, n: number): Input {
  const [source, sender] = SOURCES[n % SOURCES.length] ?? SOURCES[0] ?? ['', ''];
  const { request } = random.pick(FIXTURES.get(source) ?? []);
  const methods = senderNamed(sender)?.methods.map((method) => method.toUpperCase()) ?? ['POST'];
  const method = random.chance(0.9) ? request.method : random.pick([...methods, 'HEAD', 'DELETE']);
  const headers: Record<string, string> = { ...request.headers };
  const path = addressOf(random, { source, sender, rest: request.rest }, headers);
  const query = queryOf(random, request.query);
  let body = method === 'GET' || method === 'HEAD' ? null : bodyOf(random, request.body, sender, source);
  if (body !== null) {
    if (random.chance(0.1)) headers['content-type'] = random.pick(TYPES);
    if (random.chance(0.05)) {
      headers['content-encoding'] = random.pick(['gzip', 'deflate', 'x-gzip', 'br', 'zstd', text(random)]);
      if (random.chance(0.5)) body = gzipSync(body);
    }
  }
  return {
    route: `${sender} (${source})`,
    method,
    target: `${path}${query}`,
    headers: sendable(headers),
    body,
    wire: null,
  };
}

/** Without the characters that a client of HTTP refuses. */
const sendable = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 4_000),
    ]),
  );

function addressOf(
  random: Random,
  { source, sender, rest }: { source: string; sender: string; rest: string },
  headers: Record<string, string>,
): string {
  const token = random.chance(0.98) ? (TOKENS.get(source) ?? '') : text(random);
  // What follows the source in the address cannot follow a token.
  const how = random.weighted({ bearer: 50, key: 15, basic: 10, path: rest === '' ? 24 : 0, none: 1 });
  if (sender === 'pagerduty' && random.chance(0.7)) return '/v2/enqueue';
  if (how === 'bearer') headers.authorization = `Bearer ${token}`;
  if (how === 'key') headers['x-api-key'] = token;
  if (how === 'basic') headers.authorization = `Basic ${Buffer.from(`user:${token}`).toString('base64')}`;
  const base = `/api/webhooks/${sender}/${source}`;
  if (rest !== '') return `${base}/${random.chance(0.8) ? rest : rest.replace(/[^/]+$/, segment(text(random)))}`;
  return how === 'path' ? `${base}/${segment(token)}` : base;
}

/** Lone surrogates cannot be part of an address. */
const segment = (value: string): string => encodeURIComponent(Buffer.from(value).toString()).slice(0, 4_000) || 'x';

function queryOf(random: Random, query: string): string {
  if (query === '' && random.chance(0.9)) return '';
  const how = random.weighted({ same: 60, cut: 15, more: 25 });
  const value = segment(text(random));
  const drawn =
    how === 'same'
      ? query
      : how === 'cut'
        ? query.slice(0, random.whole(0, query.length))
        : `${query}&${value}=${value}`;
  return `?${drawn.slice(0, 6_000)}`;
}

function bodyOf(random: Random, body: unknown, sender: string, source: string): Buffer {
  const how = random.weighted({ same: 25, mutated: 65, other: 8, empty: 2 });
  if (how === 'empty') return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(how === 'same' ? body : hostile(random, body));
  const own = withOwnIds(random, body, sender);
  const value = how === 'same' ? own : how === 'other' ? json(random) : mutated(random, own);
  const keyed = sender === 'pagerduty' ? withKey(value, TOKENS.get(source) ?? '') : value;
  return how === 'same' ? Buffer.from(JSON.stringify(keyed) ?? '') : serialized(random, keyed);
}

/** The field of each sender that tells its alerts apart. */
const ID_FIELDS: Readonly<Record<string, string>> = {
  ...{ alertmanager: 'fingerprint', grafana: 'fingerprint', 'uptime-kuma': 'id', gatus: 'name' },
  ...{ pagerduty: 'dedup_key', opsgenie: 'alias', cloudevents: 'subject', generic: 'alert_id' },
};
const IDS = 5_000;

/** A copy whose alerts have ids of their own: requests about one alert are worked on one after the other. */
function withOwnIds(random: Random, body: unknown, sender: string): unknown {
  if (random.chance(0.2)) return body;
  const field = ID_FIELDS[sender];
  const own = () => (field === 'id' ? random.whole(1, IDS) : `own-${random.whole(1, IDS)}`);
  return JSON.parse(JSON.stringify(body), (name, value: unknown) =>
    name === field && (typeof value === 'string' || typeof value === 'number') ? own() : value,
  );
}

/** The token of PagerDuty is in the body. */
const withKey = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value, routing_key: key } : value;

/** A text that is cut off, or has something else in it. */
function hostile(random: Random, value: string): string {
  const at = random.whole(0, value.length);
  return random.chance(0.4) ? value.slice(0, at) : `${value.slice(0, at)}${text(random)}${value.slice(at)}`;
}

/** A request of a fault run as an input. */
export const inputOf = ({ method, path, headers, body }: WebhookPost, route: string): Input => ({
  ...{ route, method, target: path, headers: sendable(headers) },
  ...{ body: method === 'GET' ? null : Buffer.from(body), wire: null },
});
