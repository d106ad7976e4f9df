import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type App, startApp } from '../../../src/app/app.ts';
import { readConfig } from '../../../src/config/config.ts';
import { SECRET_SETTINGS } from '../../../src/config/secretFiles.ts';
import { secretsOf } from '../../../src/config/secrets.ts';
import { createLog } from '../../../src/log/log.ts';
import { createCookieClient } from '../../support/cookieClient.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';
import { eventually } from '../../support/eventually.ts';
import { pastedSecrets } from './pastedSecrets.ts';

const SLACK_TOKEN = 'xoxb_slack_token_of_the_console';
const CLIENT_SECRET = 'client-secret-of-the-console.0123';
const ADMIN = 'api-token-of-an-admin/+0123456789';
const INGEST = 'ingest-token-of-a-sender-0123456789';
const SCRAPER = 'metrics-token-of-a-scraper-0123456789';
/** To which the surfaces file refers. */
const SURFACE_KEY = 'key-of-a-watched-service-0123456789';

const settings = (root: string, databaseUrl: string, surfaces: string): Record<string, string> => ({
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  PORT: '0',
  PUBLIC_URL: 'http://127.0.0.1',
  DATABASE_URL: databaseUrl,
  SURFACES_FILE: surfaces,
  OIDC_ISSUER_URL: root,
  OIDC_CLIENT_ID: 'console',
  OIDC_CLIENT_SECRET: CLIENT_SECRET,
  OIDC_ROLE_MAP: 'sre:admin',
  SESSION_SECRET: 'session-secret-of-more-than-32-characters',
  FREESCOUT_BASE_URL: root,
  FREESCOUT_API_KEY: 'key+with/all=rights-0123456789abcdef',
  FREESCOUT_OPERATIONS_MAILBOX_ID: '1',
  FREESCOUT_WEBHOOK_SECRET: 'webhook-secret-of-freescout-0123',
  SLACK_BOT_TOKEN: SLACK_TOKEN,
  SLACK_DM_USER_ID: 'U012AB3CD',
  SLACK_API_URL: `${root}/slack/`,
  FLAG_CONSOLE_ALERTS_AUTO_TICKET: '1',
  CONSOLE_API_TOKENS: `ops:admin:${ADMIN}`,
  INGEST_TOKENS: `prometheus:${INGEST}`,
  METRICS_TOKEN: SCRAPER,
  AUDIT_DIGEST_SECRET: 'audit-digest-secret-of-32-characters',
  AUDIT_DIGEST_SECRET_PREVIOUS: 'replaced-digest-secret-of-32-characters',
  HEARTBEAT_URL: `${root}/alive/secret-of-the-heartbeat-0123456789`,
  // Addresses of this machine are reached directly.
  OUTGOING_PROXY: 'http://console:password-of-the-proxy@127.0.0.1:9',
  LOG_LEVEL: 'debug',
});

/** Every system that the console calls; each answers with an error that quotes the secrets it was sent. */
let outside: Server;
let database: TestDatabase;
let folder: string;
let env: Record<string, string>;
let app: App;
let secrets: string[];
const lines: string[] = [];

beforeAll(async () => {
  [database, folder] = await Promise.all([createTestDatabase(), mkdtemp(join(tmpdir(), 'auto-ticketing-secrets-'))]);
  outside = createServer((request, response) => {
    const { port } = outside.address() as AddressInfo;
    const send = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const issuer = `http://127.0.0.1:${port}`;
    if (request.url === '/.well-known/openid-configuration') {
      const [authorization_endpoint, token_endpoint, jwks_uri] = ['a', 't', 'k'].map((path) => `${issuer}/${path}`);
      return send(200, { issuer, authorization_endpoint, token_endpoint, jwks_uri });
    }
    if (request.url === '/t') return send(400, { error: CLIENT_SECRET, error_description: CLIENT_SECRET });
    if (request.url?.startsWith('/slack/')) return send(200, { ok: false, error: SLACK_TOKEN });
    const quoted = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
    return send(413, { message: `Too large. ${quoted.sort().reverse().join('; ')}`, _embedded: { errors: [] } });
  });
  await new Promise<void>((listening) => outside.listen(0, '127.0.0.1', listening));
  const root = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;
  const surface = { id: 'shop', name: 'Shop', url: `${root}/shop`, headers: { 'X-Api-Key': `\${SECRETS_TEST_KEY}` } };
  await writeFile(join(folder, 'surfaces.yaml'), JSON.stringify({ surfaces: [surface] }));
  vi.stubEnv('SECRETS_TEST_KEY', SURFACE_KEY);
  env = settings(root, database.url, join(folder, 'surfaces.yaml'));
  const config = readConfig(env);
  secrets = [...secretsOf(config), SURFACE_KEY].filter(({ length }) => length >= 12);
  const log = createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  app = await startApp({ config, role: 'all', log });
  await database.pool.query("insert into customers (id, email, name) values ('c-1', 'eve@customer.example', 'Eve')");
});
afterAll(async () => {
  await app.stop();
  outside.close();
  vi.unstubAllEnvs();
  await Promise.all([database.drop(), rm(folder, { recursive: true })]);
});

const send = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(app.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${INGEST}`, 'content-type': 'application/json', ...headers },
    body,
  });

const query = async (sql: string) => (await database.pool.query<{ text: string }>(sql)).rows.map(({ text }) => text);

async function databaseDump(): Promise<string> {
  const tables = await query(
    `select format('%I.%I', schemaname, tablename) as text from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const client = await database.pool.connect();
  try {
    // Shows bytes that are text as text.
    await client.query("set bytea_output = 'escape'");
    const rows = [];
    for (const table of tables) {
      rows.push(...(await client.query<{ text: string }>(`select whole::text as text from ${table} whole`)).rows);
    }
    return rows.map(({ text }) => text).join('\n');
  } finally {
    client.release(true);
  }
}

/** What may stand in the addresses of pages that need something. */
const NAMED: Record<string, () => Promise<string[]>> = {
  '/console/surfaces/{surface_id}': async () => ['shop'],
  '/console/alerts/{alert_key}': () => query("select substr(id, 7) as text from actors where id like 'alert:%'"),
  '/console/customers/{id}/tickets': () => query('select id as text from customers'),
  '/console/inspect/actors/{actor_id}': () => query('select id as text from actors'),
  '/console/dead-letters/{id}': () =>
    query("select id::text as text from effects union all select 'webhook:' || id from webhook_requests"),
};

/** Every GET route of the console, as a page and as JSON, with all that it can be about. */
async function everyPage(): Promise<string> {
  const get = async (path: string, accept: string) => {
    const authorization = `Bearer ${path === '/metrics' ? SCRAPER : ADMIN}`;
    return (await fetch(app.url + path, { headers: { authorization, accept }, redirect: 'manual' })).text();
  };
  const { paths } = JSON.parse(await get('/openapi.json', '*/*')) as { paths: Record<string, { get?: object }> };
  const pages: string[] = [];
  for (const [path, { get: isRead }] of Object.entries(paths)) {
    // A stream has no end, and some senders send with GET.
    if (!isRead || path === '/console/events' || path.startsWith('/api/')) continue;
    const about = path.includes('{') ? ((await NAMED[path]?.()) ?? []) : [''];
    expect([path, about.length > 0]).toEqual([path, true]);
    for (const name of about) {
      const address = path.replace(/\{\w+\}/, encodeURIComponent(name));
      for (const accept of ['text/html', 'application/json']) pages.push(await get(address, accept));
    }
  }
  return pages.join('\n');
}

it('no secret is in the database, the log or a page, although every system quotes what it was sent', async () => {
  expect(SECRET_SETTINGS.filter((name) => !(name in env) && !/^DATABASE_\w+_URL$/.test(name))).toEqual([]);
  const alerts = [{ alert_id: 'quoting', severity: 'P1', status: 'firing', title: 'Quoting', details: INGEST }];
  expect((await send('/api/alerts', JSON.stringify({ source: 'prometheus', alerts }))).status).toBe(202);
  // Requests that nobody understands are stored and shown.
  const odd = `My token is ${INGEST}.`;
  expect((await send('/api/webhooks/alertmanager', odd)).ok).toBe(true);
  expect((await send('/api/webhooks/alertmanager', gzipSync(odd), { 'content-encoding': 'gzip' })).ok).toBe(true);
  const named = { 'user-agent': `sender ${INGEST}`, 'content-encoding': INGEST, [`ce-${INGEST}`]: '1' };
  expect((await send('/api/webhooks/alertmanager', odd, named)).ok).toBe(true);
  const visitor = createCookieClient();
  const started = await visitor.get(`${app.url}/sign-in/start`);
  const state = new URL(started.headers.get('location') ?? '').searchParams.get('state') ?? '';
  const back = await visitor.get(`${app.url}/sign-in/callback?${new URLSearchParams({ state, code: 'x' })}`);
  expect(back.status).toBe(400);
  // All of them have answered, and both requests were read.
  await eventually(async () => {
    const stored = await databaseDump();
    for (const text of ['rejected', 'Slack conversations', 'answer_invalid', 'HTTP 413', 'My token is [hidden].']) {
      expect(stored.includes(text) ? text : `no ${text}`).toBe(text);
    }
    expect(await query("select id::text as text from webhook_requests where status = 'dead'")).toHaveLength(3);
  });
  const bodies = await query("select encode(body, 'escape') as text from webhook_requests");
  expect(bodies).toEqual(Array(3).fill('My token is [hidden].'));
  const [letter = ''] = await query("select 'webhook:' || max(id) as text from webhook_requests where status = 'dead'");
  const asAdmin = { authorization: `Bearer ${ADMIN}` };
  for (const [path, body] of pastedSecrets(SLACK_TOKEN, letter)) {
    expect([path, (await send(path, JSON.stringify(body), asAdmin)).status]).toEqual([path, 200]);
  }

  const everything = { database: await databaseDump(), log: lines.join('\n'), pages: await everyPage() };
  for (const [place, text] of Object.entries(everything)) {
    expect([place, secrets.filter((secret) => text.includes(secret))]).toEqual([place, []]);
  }
  expect(everything.pages).toContain('The content encoding [hidden] is not supported.');
  expect(everything.pages.split('It had the token [hidden].').length).toBeGreaterThan(4);
  expect(everything.log).toContain('x-freescout-api-key: [hidden]');
  expect(everything.pages.split('My token is [hidden].').length).toBeGreaterThan(4);
});
