import { gzipSync } from 'node:zlib';
import { SENDERS } from '../../src/alerts/senders/registry.ts';
import type { Random } from '../faults/random.ts';
import { json, mutated, NUMBERS, serialized, text } from './draw.ts';

/** One request to send. */
export interface Input {
  /** The route as in the API description, for the counts. */
  route: string;
  method: string;
  target: string;
  headers: Record<string, string>;
  body: Buffer | null;
  /** How the HTTP message itself is malformed; null for a well-formed request. */
  wire: 'half' | 'chunks' | 'smuggle' | 'head' | 'garbage' | null;
}

export interface Route {
  method: string;
  path: string;
  query: string[];
}

/** Values of valid requests. */
export interface Known {
  ids: string[];
  tokens: string[];
}

const BODIES: Record<string, unknown> = {
  '/api/alerts': {
    source: 'fuzz',
    alerts: [
      {
        alert_id: 'aaaaaaaaaaaaaaaa1',
        severity: 'P3',
        status: 'firing',
        title: 'Trouble',
        details: 'x',
        url: 'https://a.example/',
      },
      { alert_id: 'bbbbbbbbbbbbbbbb1', severity: 'P2', status: 'resolved', title: 'Over', surface_id: 'api-prod' },
    ],
  },
  '/console/flags/{name}': { enabled: true },
  '/console/alerts/{alert_key}/resolve': { reason: 'fuzz' },
  '/console/surfaces/{surface_id}/maintenance': { until: '2027-01-01T00:00:00Z', reason: 'fuzz' },
  '/console/dead-letters/replay': { kind: 'note', reason: 'rejected', count: 3 },
  '/console/dead-letters/{id}/edit': {
    payload: {
      id: 'dm:1',
      thread: 't',
      kind: 'opened',
      source: 'fuzz',
      body: { title: 'Trouble', severity: 'P1', details: null },
    },
  },
  '/console/dead-letters/{id}/discard': { reason: 'fuzz' },
  '/api/webhooks/freescout': { id: 1, mailboxId: 2, status: 'active' },
  '/api/webhooks/opsgenie/{source}/v2/alerts': { message: 'Trouble', alias: 'fuzz', priority: 'P1', tags: ['a'] },
  '/v2/enqueue': {
    routing_key: 'ingest-token-0123456789',
    event_action: 'trigger',
    dedup_key: 'fuzz',
    payload: { summary: 'Trouble', source: 'fuzz', severity: 'error' },
  },
};

/** What each sender would send. */
const SENT: unknown[] = SENDERS.flatMap((sender) => {
  const sample = sender.sample('firing', 'Trouble');
  return sample === null ? [] : [JSON.parse(sample.body.toString())];
});

const ODD_METHODS = ['PUT', 'PATCH', 'OPTIONS', 'HEAD', 'DELETE', 'POST', 'PROPFIND', 'TRACE'];
export const TYPES = [
  'application/json',
  'application/json; charset=utf-16',
  'application/json;charset=x-unknown',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
  '',
  'application/json, text/html',
  'a'.repeat(2_000),
];
const ACCEPTS = [
  'application/json',
  'text/html,*/*;q=0.8',
  '*/*',
  'text/html;q=NaN',
  ',,;;',
  'image/png',
  'application/json;q=0, text/html;q=0',
];

/** The routes of the API description. */
export function routesOf(description: unknown): Route[] {
  const { paths } = description as {
    paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>;
  };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [] }]) => ({
      method: method.toUpperCase(),
      path,
      query: parameters.filter((each) => each.in === 'query').map(({ name }) => name),
    })),
  );
}

/** `honest`: most bodies are valid. */
export function drawInput(random: Random, routes: readonly Route[], known: Known, honest: boolean): Input {
  const route = random.chance(0.02) ? null : random.pick(routes);
  const target = route ? `${pathOf(random, route.path, known)}${queryOf(random, route.query)}` : strayPath(random);
  const method = route && !random.chance(0.03) ? route.method : random.pick(ODD_METHODS);
  const headers = headersOf(random, known);
  let body: Buffer | null = null;
  if (method !== 'GET' && method !== 'HEAD') {
    const valid = route?.path.includes('{sender}') ? random.pick(SENT) : (BODIES[route?.path ?? ''] ?? {});
    body = bodyOf(random, valid, headers, honest);
    if (body.length > 0 && headers['Content-Type'] === undefined) headers['Content-Type'] = 'application/json';
  }
  const wire = random.chance(0.98)
    ? null
    : random.weighted({ half: 3, chunks: 3, smuggle: 2, head: 3, garbage: 2 } as const);
  const name = route ? `${route.method} ${route.path}` : 'unknown route';
  return { route: name, method, target, headers, body, wire };
}

function pathOf(random: Random, path: string, { ids }: Known): string {
  return path.replace(/\{\w+\}/g, (name) => {
    if (name === '{sender}' && random.chance(0.9)) return random.pick(SENDERS).name;
    if (name === '{source}' && random.chance(0.7)) return 'fuzz';
    const value = random.chance(0.5) ? random.pick(ids) : text(random);
    if (random.chance(0.1)) return value.replace(/[\s#?]/g, '').slice(0, 3_000) || 'x';
    return encodeURIComponent(wellFormed(value)).slice(0, 6_000) || '%00';
  });
}

/** Replaces lone surrogates, which cannot be part of an address. */
const wellFormed = (value: string): string => Buffer.from(value).toString();

const strayPath = (random: Random): string =>
  random.pick([
    '/',
    '//',
    '/..;/',
    '/console/../console/status',
    '/console/%2e%2e/',
    '/assets/../package.json',
    '/.env',
    '*',
    'http://evil.example/console/status',
    'http://127.0.0.1/metrics',
    'http://xn--a/',
    'http://[/',
    'http://[a%b]/',
    '//a@[b/#',
    '/%c0%ae',
    `/${'a/'.repeat(900)}`,
    `/${encodeURIComponent(wellFormed(text(random))).slice(0, 4_000)}`,
  ]);

function queryOf(random: Random, names: readonly string[]): string {
  if (random.chance(0.4)) return '';
  const all = [...names, 'fragment', 'x', '__proto__', 'limit', 'cursor'];
  const parts = Array.from({ length: random.whole(1, 4) }, () => {
    const name = random.pick(all);
    const value = random.chance(0.3) ? String(random.pick(NUMBERS)) : wellFormed(text(random));
    return random.chance(0.1)
      ? `${name}[${name}]=${encodeURIComponent(value)}`
      : `${name}=${encodeURIComponent(value)}`;
  });
  return `?${parts.join('&').slice(0, 7_000)}`;
}

function headersOf(random: Random, { tokens }: Known): Record<string, string> {
  const headers: Record<string, string> = {};
  const maybe = (chance: number, name: string, draw: () => string) => {
    if (random.chance(chance)) headers[name] = headerText(draw());
  };
  maybe(0.7, 'Accept', () => random.pick(ACCEPTS));
  maybe(0.25, 'Authorization', () => `Bearer ${random.chance(0.97) ? random.pick(tokens) : text(random)}`);
  maybe(0.2, 'Content-Type', () => random.pick(TYPES));
  maybe(0.05, 'Cookie', () => `csrf=${text(random)}; flash=${text(random)}; ${text(random)}`);
  maybe(0.05, 'Origin', () => random.pick(['null', 'http://evil.example', 'http://127.0.0.1', text(random)]));
  maybe(0.03, 'Sec-Fetch-Site', () => random.pick(['same-origin', 'cross-site', 'none', 'x']));
  maybe(0.05, 'Host', () => random.pick(['localhost', 'evil.example', '127.0.0.1:1', '[::1]', text(random)]));
  maybe(0.05, 'X-Forwarded-For', () => text(random));
  maybe(0.05, 'Accept-Encoding', () => random.pick(['gzip', 'br', 'identity;q=0', '*;q=0', text(random)]));
  maybe(0.05, 'HX-Request', () => 'true');
  maybe(0.05, 'Last-Event-ID', () => text(random));
  maybe(0.03, 'X-FreeScout-Signature', () => text(random));
  maybe(0.03, 'If-None-Match', () => text(random));
  maybe(0.03, 'X-Odd', () => text(random).repeat(3));
  return headers;
}

/** Removes characters that an HTTP client refuses in a header. */
const headerText = (value: string): string => value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 4_000);

function bodyOf(random: Random, valid: unknown, headers: Record<string, string>, honest: boolean): Buffer {
  if (random.chance(0.05)) return Buffer.alloc(0);
  if (random.chance(0.003)) return Buffer.alloc(random.whole(1_000_000, 1_200_000), 0x20);
  if (headers['Content-Type']?.startsWith('application/x-www')) {
    const fields = Object.entries(valid as object).map(
      ([name, value]) => `${name}=${encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value))}`,
    );
    return Buffer.from([...fields, `_csrf=${random.hex(8)}`, random.chance(0.5) ? `x=%zz&a[b]=1` : ''].join('&'));
  }
  const value = honest && random.chance(0.8) ? valid : random.chance(0.1) ? json(random) : mutated(random, valid);
  const bytes = honest ? Buffer.from(JSON.stringify(value) ?? '') : serialized(random, value);
  const encoding = random.chance(0.97) ? null : random.pick(['gzip', 'deflate', 'br', 'zstd', 'x']);
  if (encoding === null) return bytes;
  headers['Content-Encoding'] = encoding;
  return encoding === 'gzip' && random.chance(0.5) ? gzipSync(bytes) : bytes;
}
