import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp } from '../../src/app/app.ts';
import { configured } from '../../src/app/environment.ts';
import { prepareDatabase } from '../../src/app/prepareDatabase.ts';
import { createReadiness } from '../../src/app/readiness.ts';
import { dropOldAuditPartitions } from '../../src/audit/oldPartitions.ts';
import { prepareAuditPartitions } from '../../src/audit/retention.ts';
import { auditRights } from '../../src/audit/rights.ts';
import { checkAuditLog } from '../../src/commands/doctor/auditLog.ts';
import { readConfig } from '../../src/config/config.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { startSandboxFreeScout } from '../../src/sandbox/freescout/sandboxFreeScout.ts';
import { run } from '../commands/run.ts';
import { createDatabaseWithRoles, type DatabaseWithRoles } from '../support/databaseRoles.ts';
import { eventually } from '../support/eventually.ts';
import { oldMonth } from '../support/oldMonth.ts';
import { SECRET, seal } from '../support/sealedLog.ts';
import { PRODUCTION } from '../support/settings.ts';

/** The audit log attacked with the rights that the program has. */

const TOKEN = 'viewer-token-0123456789abcdef';
const INGEST = 'ingest-token-0123456789abcdef';
const silent = createLog({ level: 'silent' });
const old = oldMonth();

let database: DatabaseWithRoles;
let app: Pool;
let month: string;

/** What an installation with one role does to have three. */
async function splitRoles({ pool, names }: DatabaseWithRoles): Promise<void> {
  const oneRole = { DATABASE_URL: database.appUrl, NODE_ENV: 'production' };
  await pool.query(`alter database ${new URL(database.url).pathname.slice(1)} owner to ${names.app}`);
  expect((await run(['migrate'], oneRole)).failure).toBeNull();
  await pool.query(`
    begin;
    grant ${names.owner} to ${names.app};
    reassign owned by ${names.app} to ${names.owner};
    commit`);
  const roles = { ...oneRole, DATABASE_OWNER_URL: database.ownerUrl, DATABASE_READER_URL: database.readerUrl };
  expect(await run(['migrate'], { ...roles, AUDIT_RETENTION_DAYS: '60' })).toMatchObject({
    out: ['The database is up to date.', `The rights of ${names.app} and ${names.reader} are up to date.`],
    failure: null,
  });
  await pool.query(`revoke ${names.owner} from ${names.app}`);
}

beforeAll(async () => {
  database = await createDatabaseWithRoles();
  await splitRoles(database);
  app = createPool(database.appUrl, 4, silent, { connectMs: 60_000 });
  await database.pool.query(`
    ${old.create};
    insert into audit_log (created_at, action, payload, actor) values
      ('${old.lastDay}T12:00:00Z', 'old', '{}', 'x'), (now() - interval '2 days', 'recent', '{}', 'x'), (now(), 'new', '{}', 'x')`);
  // Made by a superuser above; "migrate" gives rights on what its own role has made.
  await database.pool.query(`alter table ${old.partition} owner to ${database.names.owner}`);
  const { rows } = await database.pool.query<{ month: string }>(
    `select to_char(now() at time zone 'UTC', '"audit_log_"YYYY_MM') as month`,
  );
  month = rows[0]?.month ?? '';
});
afterAll(async () => {
  await app.end();
  await database.drop();
});

const logNow = async () =>
  (await database.pool.query('select id, created_at, action, payload, actor from audit_log order by id')).rows;

describe('the role of the program cannot', () => {
  it.each([
    ["update audit_log set actor = 'eve'"],
    ['delete from audit_log'],
    ['truncate audit_log'],
    ["update MONTH set actor = 'eve'"],
    ['delete from MONTH'],
    ['alter table audit_log disable trigger all'],
    ['alter table MONTH disable trigger user'],
    ['drop trigger audit_log_append_only on audit_log'],
    ['create trigger mine before insert on audit_log for each row execute function audit_log_refuse()'],
    ['create rule mine as on insert to audit_log do instead nothing'],
    ['drop table audit_log cascade'],
    ['drop table MONTH'],
    ['alter table audit_log detach partition MONTH'],
    ["insert into audit_log (created_at, action, payload, actor) values (now() - interval '1 day', 'a', '{}', 'eve')"],
    ["insert into audit_log (id, action, payload, actor) overriding system value values (1, 'a', '{}', 'eve')"],
    ["insert into MONTH (action, payload, actor) values ('a', '{}', 'eve')"],
    ['do $$ begin lock table audit_log in access exclusive mode; end $$'],
    ["select setval('audit_log_id_seq', 1)"],
    ['set session_replication_role = replica'],
    ['alter role current_user set session_replication_role = replica'],
    ['alter table audit_log owner to current_user'],
    ['set role OWNER'],
    ['grant OWNER to current_user'],
    ['create table mine (id int)'],
    ["create or replace function audit_log_refuse() returns trigger language plpgsql as 'begin return new; end'"],
    ['drop function audit_log_refuse() cascade'],
    ['drop schema public cascade'],
    ['alter function audit_log_drop_month(integer) security invoker'],
    ['update audit_retention set days = 1'],
    ['update audit_digests set row_count = 0'],
    ['delete from audit_digests'],
    ['truncate audit_digests'],
    [
      "insert into audit_digests (day, row_count, rows_hash, digest, sealed_at) values ('2026-01-01', 0, '', '', now())",
    ],
    ['delete from schema_migrations'],
    ["copy audit_log (action, payload, actor) from program 'echo'"],
  ])('%s', async (statement) => {
    const before = await logNow();
    const attack = statement.replaceAll('MONTH', month).replaceAll('OWNER', database.names.owner);
    await expect(app.query(attack)).rejects.toMatchObject({ code: '42501' });
    expect(await logNow()).toEqual(before);
  });

  it('backdate a row by keeping its transaction open', async () => {
    const client = await app.connect();
    await client.query('begin');
    const { rows: begun } = await client.query<{ at: Date }>('select clock_timestamp() as at');
    await client.query('select pg_sleep(0.02)');
    await client.query(`insert into audit_log (action, payload, actor) values ('late', '{}', 'x')`);
    await client.query('commit');
    client.release();
    const { rows } = await database.pool.query<{ created_at: Date }>(
      "select created_at from audit_log where action = 'late'",
    );
    expect(rows[0]?.created_at.getTime()).toBeGreaterThan(begun[0]?.at.getTime() ?? Number.NaN);
  });
});

it('the role of searches can read and write nothing', async () => {
  const reader = createPool(database.readerUrl, 1, silent, { connectMs: 60_000 });
  expect((await reader.query('select action from audit_log limit 1')).rowCount).toBe(1);
  await reader.query('select count(*) from actors, graphile_worker._private_jobs');
  for (const write of [
    "insert into audit_log (action, payload, actor) values ('a', '{}', 'x')",
    'delete from actors',
    'delete from graphile_worker._private_jobs',
    'select audit_log_prepare()',
  ]) {
    await expect(reader.query(write)).rejects.toMatchObject({ code: '42501' });
  }
  await reader.end();
});

it('a process waits until the release step has given its role the rights on every table', async () => {
  await database.pool.query(`revoke select on silences from ${database.names.app}`);
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => lines.push(JSON.parse(line).msg) } });
  const connections = { pool: app, pagePool: app, jobPool: app, directUrl: database.appUrl, isPrepared: false };
  const environment = configured(readConfig({ ...PRODUCTION, DATABASE_URL: database.appUrl }));
  const waiting = prepareDatabase(connections, environment, log, new AbortController().signal);
  await eventually(() =>
    expect(lines).toEqual([expect.stringMatching(/lacks rights.*DATABASE_OWNER_URL\. Waiting\.$/)]),
  );
  expect(connections.isPrepared).toBe(false);
  expect((await createReadiness(app, null)()).checks).toEqual({ database: 'no rights' });
  await run(['migrate'], {
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    AUDIT_RETENTION_DAYS: '60',
  });
  await waiting;
  expect(connections.isPrepared).toBe(true);
  expect(lines).toHaveLength(1);
});

it('a process waits until the database has connections left for it', async () => {
  await app.query('select 1');
  await database.pool.query(`alter role ${database.names.app} connection limit 1`);
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => lines.push(JSON.parse(line).msg) } });
  const connections = { pool: app, pagePool: app, jobPool: app, directUrl: database.appUrl, isPrepared: false };
  const environment = configured(readConfig({ ...PRODUCTION, DATABASE_URL: database.appUrl }));
  const waiting = prepareDatabase(connections, environment, log, new AbortController().signal);
  await eventually(() => expect(lines).toEqual([expect.stringMatching(/connections.*Waiting\.$/)]));
  expect(connections.isPrepared).toBe(false);
  await database.pool.query(`alter role ${database.names.app} connection limit -1`);
  await waiting;
  expect(connections.isPrepared).toBe(true);
});

it('doctor is content with these roles, and warns of one role that is both', async () => {
  const config = readConfig({ DATABASE_URL: database.appUrl, AUDIT_RETENTION_DAYS: '60', AUDIT_DIGEST_SECRET: SECRET });
  const { app: name } = database.names;
  const rightsOf = async (pool: Pool) => (await checkAuditLog(pool, config, true))[0];
  expect(await rightsOf(app)).toMatchObject({
    state: 'ok',
    says: `The role ${name} can add to the audit log, and cannot change it.`,
  });
  const owner = createPool(database.ownerUrl, 1, silent, { connectMs: 60_000 });
  expect(await rightsOf(owner)).toMatchObject({
    state: 'WARN',
    says: expect.stringMatching(/owns its tables.*DATABASE_OWNER_URL/),
  });
  await owner.end();
  expect((await auditRights(database.pool)).excess).toEqual(['is a superuser']);
  await database.pool.query(`grant update on ${month} to ${name}`);
  expect((await auditRights(app)).excess).toEqual(['can change or delete rows']);
  await run(['migrate'], {
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    AUDIT_RETENTION_DAYS: '60',
  });
  expect((await auditRights(app)).excess).toEqual([]);
});

it('the program keeps the log with these rights: it adds months, seals days and deletes what the owner lets it delete', async () => {
  const { names, pool } = database;
  await pool.query(`drop table ${await lastMonth()}`);
  // What an owner may have set long ago.
  await pool.query(`alter default privileges for role ${names.owner} grant all on tables to ${names.app}`);
  expect(await prepareAuditPartitions(app)).toBe(0);
  expect((await auditRights(app)).excess).toEqual([]);
  expect(await dropOldAuditPartitions(app, 1)).toEqual([]);
  const [sealed] = await seal(app);
  expect(sealed?.from).toBe(old.lastDay);
  // The owner keeps 60 days, whatever the process wants.
  expect(await dropOldAuditPartitions(app, 1)).toEqual([old.partition]);
  const left = (await logNow()).map(({ action }) => action);
  expect(left).toEqual(expect.arrayContaining(['recent', 'new', 'console.audit.month_deleted']));
  expect(left).not.toContain('old');
});

const lastMonth = async (): Promise<string> => {
  const { rows } = await database.pool.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits
     where inhparent = 'audit_log'::regclass and inhrelid::regclass::text ~ '\\d' order by 1 desc limit 1`,
  );
  return rows[0]?.name ?? '';
};

it('the whole program works with these roles, from an alert to its ticket, pages and metrics', async () => {
  const desk = await startSandboxFreeScout({ apiKey: 'test-key-000000000000000000000000' });
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: database.appUrl,
    DATABASE_READER_URL: database.readerUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    CONSOLE_API_TOKENS: `reader:viewer:${TOKEN}`,
    INGEST_TOKENS: `prometheus:${INGEST}`,
    AUDIT_RETENTION_DAYS: '60',
    FLAG_CONSOLE_ALERTS_AUTO_TICKET: '1',
    FREESCOUT_BASE_URL: desk.url,
    FREESCOUT_API_KEY: desk.apiKey,
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(desk.operationsMailboxId),
  });
  const program = await startApp({ config, role: 'all', log: silent });
  try {
    const alerts = [{ alert_id: 'disk', severity: 'P1', status: 'firing', title: 'Disk full' }];
    const answer = await fetch(`${program.url}/api/alerts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${INGEST}`, 'content-type': 'application/json' },
      body: JSON.stringify({ source: 'prometheus', alerts }),
    });
    expect(answer.status).toBe(202);
    const page = (path: string) =>
      fetch(program.url + path, { headers: { authorization: `Bearer ${TOKEN}`, accept: 'application/json' } });
    await eventually(async () => {
      const audit = await (await page('/console/audit?action=console.alerts.ticket_filed')).json();
      expect(audit).toMatchObject({ rows: [{ payload: { alert_key: 'prometheus:disk' } }] });
    });
    for (const path of ['/console/status', '/console/alerts', '/console/inspect/actors', '/console/sources']) {
      expect((await page(path)).status, path).toBe(200);
    }
    // A scrape leaves out what the database does not answer in time.
    await eventually(async () =>
      expect(await (await page('/metrics')).text()).toContain('auto_ticketing_rows{what="open_tickets"}'),
    );
  } finally {
    await program.stop();
    await desk.stop();
  }
});
