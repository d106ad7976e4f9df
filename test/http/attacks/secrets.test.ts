import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, startApp } from '../../../src/app/app.ts';
import { readConfig } from '../../../src/config/config.ts';
import { secretsOf } from '../../../src/config/secrets.ts';
import { createLog } from '../../../src/log/log.ts';
import { createCookieClient } from '../../support/cookieClient.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';
import { eventually } from '../../support/eventually.ts';

const SLACK_TOKEN = 'xoxb_slack_token_of_the_console';
const CLIENT_SECRET = 'client-secret-of-the-console.0123';
const ADMIN = 'api-token-of-an-admin/+0123456789';
const INGEST = 'ingest-token-of-a-sender-0123456789';

/** Every system that the console calls; each answers with an error that quotes the secrets it was sent. */
let outside: Server;
let database: TestDatabase;
let app: App;
let secrets: string[];
const lines: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
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
  const config = readConfig({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    PUBLIC_URL: 'http://127.0.0.1',
    DATABASE_URL: database.url,
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
    LOG_LEVEL: 'debug',
  });
  secrets = secretsOf(config).filter(({ length }) => length >= 12);
  const log = createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  app = await startApp({ config, role: 'all', log });
});
afterAll(async () => {
  await app.stop();
  outside.close();
  await database.drop();
});

const query = async (sql: string) => (await database.pool.query<{ text: string }>(sql)).rows.map(({ text }) => text);

async function databaseDump(): Promise<string> {
  const tables = await query(
    `select format('%I.%I', schemaname, tablename) as text from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const dumps = await Promise.all(tables.map((table) => query(`select whole::text as text from ${table} whole`)));
  return dumps.flat().join('\n');
}

async function everyPage(): Promise<string> {
  const actors = await query('select id as text from actors');
  const letters = await query(`select id::text as text from effects`);
  const paths = [
    ...['status', 'alerts', 'customers', 'audit', 'flags', 'inspect/actors', 'dead-letters', 'reconcile', 'sources'],
    'sessions',
    ...actors.map((id) => `inspect/actors/${encodeURIComponent(id)}`),
    ...letters.map((id) => `dead-letters/${id}`),
  ].map((path) => `/console/${path}`);
  const pages = [];
  for (const path of [...paths, '/metrics', '/readyz', '/openapi.json', '/sign-in']) {
    for (const accept of ['text/html', 'application/json']) {
      const answer = await fetch(app.url + path, { headers: { authorization: `Bearer ${ADMIN}`, accept } });
      pages.push(await answer.text());
    }
  }
  return pages.join('\n');
}

it('no secret is in the database, the log or a page, although every system quotes what it was sent', async () => {
  const alerts = [{ alert_id: 'quoting', severity: 'P1', status: 'firing', title: 'Quoting', details: INGEST }];
  const posted = await fetch(`${app.url}/api/alerts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${INGEST}`, 'content-type': 'application/json' },
    body: JSON.stringify({ source: 'prometheus', alerts }),
  });
  expect(posted.status).toBe(202);
  const visitor = createCookieClient();
  const started = await visitor.get(`${app.url}/sign-in/start`);
  const state = new URL(started.headers.get('location') ?? '').searchParams.get('state') ?? '';
  const back = await visitor.get(`${app.url}/sign-in/callback?${new URLSearchParams({ state, code: 'x' })}`);
  expect(back.status).toBe(400);
  // All three have answered.
  await eventually(async () => {
    const stored = await databaseDump();
    for (const text of ['rejected', 'Slack conversations', 'answer_invalid']) {
      expect(stored.includes(text) ? text : `no ${text}`).toBe(text);
    }
  });

  const everything = { database: await databaseDump(), log: lines.join('\n'), pages: await everyPage() };
  for (const [place, text] of Object.entries(everything)) {
    expect([place, secrets.filter((secret) => text.includes(secret))]).toEqual([place, []]);
  }
  expect(everything.log).toContain('x-freescout-api-key: [hidden]');
});
