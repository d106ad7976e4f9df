import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startApp } from '../../src/app/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { isTransactionPooler } from '../../src/db/transactionPooler.ts';
import { createLog } from '../../src/log/log.ts';
import { startSandboxFreeScout } from '../../src/sandbox/freescout/sandboxFreeScout.ts';
import { run } from '../commands/run.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/freePort.ts';
import { startPgBouncer } from '../support/pgbouncer.ts';
import { PRODUCTION } from '../support/settings.ts';

const TOKEN = 'ingest-token-0123456789abcdef';
const ADMIN_TOKEN = 'admin-token-0123456789abcdef';
const SESSION_SETTINGS =
  'extra_float_digits,options,statement_timeout,lock_timeout,idle_in_transaction_session_timeout';

let database: TestDatabase;
let undo: (() => Promise<unknown>)[];
beforeEach(async () => {
  database = await createTestDatabase();
  undo = [() => database.drop()];
});
afterEach(async () => {
  for (const step of undo.toReversed()) await step();
});

async function pgBouncer(ignored = SESSION_SETTINGS, mode?: 'session'): Promise<string> {
  const { url, stop } = await startPgBouncer(database.url, ignored, mode);
  undo.push(stop);
  return url;
}

/** The whole program in this process, with one surface that does not answer. */
async function start(
  settings: Record<string, string>,
  stopping?: AbortSignal,
  onLine: (line: string) => void = () => undefined,
): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-start-'));
  undo.push(() => rm(dir, { recursive: true }));
  const file = join(dir, 'surfaces.yaml');
  await writeFile(file, 'surfaces: [{ id: api, name: API, url: "http://127.0.0.1:9/", failures_to_open: 1 }]');
  const env = { PORT: '0', SURFACES_FILE: file, POLL_INTERVAL_SECONDS: '1', FLAG_CONSOLE_ALERTS_AUTO_TICKET: '1' };
  const lines: string[] = [];
  const app = await startApp({
    config: readConfig({ ...env, ...settings }),
    role: 'all',
    log: createLog({
      level: 'info',
      destination: {
        write(line) {
          lines.push(JSON.parse(line).msg);
          onLine(lines.at(-1) ?? '');
        },
      },
    }),
    ...(stopping ? { stopping } : {}),
  }).catch((error: unknown) => {
    if (stopping?.aborted) return null;
    throw error;
  });
  if (app) undo.push(() => app.stop());
  return lines;
}

/** Checks surfaces, delivers to actors, runs jobs, and reconciles. */
const worksCompletely = () =>
  eventually(async () => {
    const { rows } = await database.pool.query(`
      select exists (select from checks) as checks, exists (select from effects where attempts > 0) as jobs,
        (select ran_at is not null from reconcile_run) as reconciled`);
    expect(rows).toEqual([{ checks: true, jobs: true, reconciled: true }]);
  });

it('the smallest pool is enough to check surfaces, run jobs and reconcile', async () => {
  await start({ DATABASE_URL: database.url, DATABASE_POOL_SIZE: '2' });
  await worksCompletely();
});

it('a pooler in transaction mode is refused at the start, with the remedy', async () => {
  const url = await pgBouncer();
  expect([await isTransactionPooler(database.url), await isTransactionPooler(url)]).toEqual([false, true]);
  await expect(start({ DATABASE_URL: url })).rejects.toThrow(/pooler in transaction mode.*set DATABASE_DIRECT_URL/);
});

it('a pooler that refuses the settings of a session is refused in production instead of being waited for', async () => {
  const url = await pgBouncer('extra_float_digits');
  await expect(start({ ...PRODUCTION, HOST: '127.0.0.1', DATABASE_URL: url })).rejects.toThrow(
    /connection pooler.*set DATABASE_DIRECT_URL/,
  );
});

it('with DATABASE_DIRECT_URL, everything works through a pooler in transaction mode', async () => {
  await start({ DATABASE_URL: await pgBouncer('extra_float_digits'), DATABASE_DIRECT_URL: database.url });
  await worksCompletely();
});

it('the start names the setting of the address that does not work, and an address that leads to another database', async () => {
  const nowhere = 'postgres://console:geheim@127.0.0.1:1/tickets';
  const pooler = await pgBouncer('extra_float_digits');
  const failure = (settings: Record<string, string>) =>
    start(settings).then(
      () => 'started',
      (error: unknown) => String(error),
    );
  expect(await failure({ DATABASE_URL: pooler, DATABASE_DIRECT_URL: nowhere })).toMatch(/check DATABASE_DIRECT_URL,/);
  expect(await failure({ DATABASE_URL: nowhere, DATABASE_DIRECT_URL: database.url })).toMatch(/check DATABASE_URL,/);
  expect(await failure({ DATABASE_URL: pooler, DATABASE_DIRECT_URL: pooler })).toMatch(
    /DATABASE_DIRECT_URL leads to a connection pooler .*: set it/,
  );
  const copy = await createTestDatabase();
  undo.push(() => copy.drop());
  expect(await failure({ DATABASE_URL: pooler, DATABASE_DIRECT_URL: copy.url })).toMatch(
    /DATABASE_DIRECT_URL leads to another database than DATABASE_URL/,
  );
});

it('the program works with a warning while the database of its lists cannot be reached', async () => {
  const reader = 'postgres://reader:geheim@127.0.0.1:1/tickets';
  const lines = await start({ DATABASE_URL: database.url, DATABASE_READER_URL: reader });
  await eventually(() => expect(lines.join('\n')).toMatch(/check DATABASE_READER_URL, .* Lists are not available\./));
  await worksCompletely();
});

it('a ticket is filed through a pooler in session mode, which needs no second address', async () => {
  const url = await pgBouncer(SESSION_SETTINGS, 'session');
  expect(await isTransactionPooler(url)).toBe(false);
  const freescout = await startSandboxFreeScout({ apiKey: 'session-pooler-key' });
  undo.push(() => freescout.stop());
  await start({
    DATABASE_URL: url,
    FREESCOUT_BASE_URL: freescout.url,
    FREESCOUT_API_KEY: freescout.apiKey,
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(freescout.operationsMailboxId),
  });
  await eventually(async () => {
    const { rows } = await database.pool.query('select phase, ticket_id is not null as has_ticket from filings');
    expect(rows).toEqual([{ phase: 'tagged', has_ticket: true }]);
  });
});

it('doctor names a pooler in transaction mode, and the remedy', async () => {
  const { out, failure } = await run(['doctor'], { DATABASE_URL: await pgBouncer() });
  expect(failure).toMatch('failed');
  expect(out.filter((line) => line.startsWith('FAIL'))).toEqual([expect.stringMatching(/pooler.*DATABASE_DIRECT_URL/)]);
});

it('an alert or maintenance that reaches a process that waits for its migrations is answered 503 with Retry-After', async () => {
  // As a new release finds the database of the one before it: a migration is missing, and with it a column.
  await database.pool.query(`
    insert into surfaces (id, position, config) values ('api', 1, '{}');
    delete from schema_migrations where id = (select max(id) from schema_migrations);
    alter table actors rename column snapshot to earlier`);
  const port = await freePort();
  const stopping = new AbortController();
  let isWaiting = false;
  const settings = {
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: database.url,
    INGEST_TOKENS: `probe:${TOKEN}`,
    CONSOLE_API_TOKENS: `ops:admin:${ADMIN_TOKEN}`,
  };
  const started = start({ ...PRODUCTION, ...settings }, stopping.signal, (line) => {
    isWaiting ||= line.endsWith('Waiting.');
  });
  await eventually(() => expect(isWaiting).toBe(true));
  const alerts = [{ alert_id: 'disk', severity: 'P1', status: 'firing', title: 'Disk' }];
  const requests: [path: string, token: string, body: object][] = [
    ['/api/alerts', TOKEN, { source: 'probe', alerts }],
    ['/console/surfaces/api/maintenance', ADMIN_TOKEN, { until: '2099-01-01T00:00:00Z', reason: 'disks' }],
    ['/console/surfaces/api/maintenance/end', ADMIN_TOKEN, {}],
  ];
  for (const [path, token, body] of requests) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect([path, response.status, response.headers.get('retry-after')]).toEqual([path, 503, '10']);
    expect(await response.json()).toMatchObject({ error: { code: 'database_unavailable' } });
  }
  stopping.abort();
  expect((await started).filter((line) => line === 'request failed')).toEqual([]);
});

it.each([
  ['a wrong password', (url: URL) => Object.assign(url, { password: 'wrong' }), /refuses the user or the password/],
  ['a missing database', (url: URL) => Object.assign(url, { pathname: '/nothing' }), /There is no database nothing at/],
  ['a server that is not there', (url: URL) => Object.assign(url, { port: '9' }), /cannot be reached \(ECONNREFUSED\)/],
  ['a server without TLS', (url: URL) => url.searchParams.set('sslmode', 'require'), /does not support SSL.*sslmode/],
])('in production, %s is logged as the reason for waiting, once and without the password', async (_, spoil, reason) => {
  const url = new URL(database.url);
  const { password } = url;
  spoil(url);
  const stopping = new AbortController();
  const env = { ...PRODUCTION, HOST: '127.0.0.1', DATABASE_URL: url.href };
  // It tries again each second, and would log the reason again.
  const lines = await start(env, stopping.signal, (line) => {
    if (line.endsWith('Waiting.')) setTimeout(() => stopping.abort(), 2_500);
  });
  const waiting = lines.filter((line) => line.endsWith('Waiting.'));
  expect(waiting).toEqual([expect.stringMatching(reason)]);
  expect(lines.join()).not.toContain(password);
});
