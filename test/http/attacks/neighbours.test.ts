import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, startApp } from '../../../src/app/app.ts';
import { readConfig } from '../../../src/config/config.ts';
import { createLog } from '../../../src/log/log.ts';
import { type SandboxFreeScout, startSandboxFreeScout } from '../../../src/sandbox/freescout/sandboxFreeScout.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';
import { eventually } from '../../support/eventually.ts';

const READERS = 12;
/** Half of the connections of pages, which are a quarter of the ten of a process. */
const SEARCHES_AT_ONCE = 1;
const tokenOf = (reader: number) => `viewer-token-number-${reader}-0123456789`;
const INGEST = 'ingest-token-of-a-sender-0123456789';
const FLOOD = 'ingest-token-of-a-flood-0123456789';

let database: TestDatabase;
let app: App;
let desk: SandboxFreeScout;
beforeAll(async () => {
  database = await createTestDatabase();
  // Reading the tickets of a customer takes as long as a page lasts, and longer.
  const fault = { kind: 'delay', method: 'GET', path: 'customerEmail', delay_ms: 20_000 } as const;
  desk = await startSandboxFreeScout({ apiKey: 'test-key-000000000000000000000000', faults: [fault] });
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: database.url,
    FREESCOUT_BASE_URL: desk.url,
    FREESCOUT_API_KEY: desk.apiKey,
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(desk.operationsMailboxId),
    FLAG_CONSOLE_ALERTS_AUTO_TICKET: '1',
    CONSOLE_API_TOKENS: Array.from({ length: READERS }, (_, n) => `reader${n}:viewer:${tokenOf(n)}`).join(),
    INGEST_TOKENS: `prometheus:${INGEST},flood:${FLOOD}`,
  });
  app = await startApp({ config, role: 'all', log: createLog({ level: 'silent' }) });
  await eventually(async () => expect((await fetch(`${app.url}/readyz`)).status).toBe(200));
  // Reading the audit log takes as long as a search of a very large one; writing it does not.
  await database.pool.query(
    "insert into customers (id, email, name) select n, n || '@example.com', 'C' from generate_series(1, 10) n",
  );
  await database.pool.query(`
    alter table audit_log rename to audit_rows;
    create view audit_log as select rows.* from audit_rows rows, (select pg_sleep(20)) as slow;
    create function write_audit() returns trigger language plpgsql as $$ begin
      insert into audit_rows (action, payload, actor) values (new.action, new.payload, new.actor);
      return new;
    end $$;
    create trigger write_audit instead of insert on audit_log for each row execute function write_audit()`);
});
afterAll(async () => {
  await app.stop();
  await desk.stop();
  await database.drop();
});

const send = (token: string, source: string, alerts: object[]) =>
  fetch(`${app.url}/api/alerts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ source, alerts }),
  });

const fire = (alertId: string) =>
  send(INGEST, 'prometheus', [
    { alert_id: alertId, severity: 'P1', status: 'firing', title: `Disk of ${alertId} full` },
  ]);

/** A request with new alerts; the first characters of their ids tell them apart. Nobody is told about them. */
const flood = (request: number) =>
  send(
    FLOOD,
    'flood',
    Array.from({ length: 5_000 }, (_, n) => ({
      ...{ alert_id: `${floodId(request)}${String(n).padStart(8, '0')}`, severity: 'info', status: 'firing' },
      title: `Number ${n} of ${request}`,
    })),
  );
const floodId = (request: number) => `r${String(request).padStart(3, '0')}-`;

const searching = async (): Promise<number> => {
  const { rows } = await database.pool.query(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and query like '%audit_log%'
       and state = 'active' and pid <> pg_backend_pid()`,
  );
  return rows[0].n;
};

const get = (path: string, token: string) =>
  fetch(app.url + path, { headers: { authorization: `Bearer ${token}`, accept: 'application/json' } });

it('alerts are taken, the process is ready and other pages are read while all other readers search the audit log', async () => {
  const searches = Array.from({ length: READERS - 1 }, (_, n) => get('/console/audit?q=zzzzz', tokenOf(n)));
  await eventually(async () => expect(await searching()).toBe(SEARCHES_AT_ONCE));
  const answers = await Promise.all([
    fire('disk'),
    fetch(`${app.url}/readyz`),
    get('/console/status', tokenOf(0)),
    get('/console/silences', tokenOf(READERS - 1)),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([202, 200, 200, 200]);
  expect(new Set((await Promise.all(searches)).map(({ status }) => status))).toEqual(new Set([503]));
});

it('a P1 has its ticket while viewers search, read customers and scrape without a pause', async () => {
  let isOver = false;
  const busy = { searches: 0, customers: 0, scrapes: 0 };
  const ask = async (kind: keyof typeof busy, path: string, reader: number) => {
    while (!isOver) {
      busy[kind] += 1;
      await (await get(path, tokenOf(reader))).text();
      busy[kind] -= 1;
    }
  };
  const readers = Array.from({ length: READERS }, (_, n) => [
    ask('searches', '/console/audit?q=zzzzz', n),
    ask('customers', `/console/customers/${(n % 10) + 1}/tickets`, n),
    ask('scrapes', '/metrics', n),
  ]).flat();
  try {
    // As many searches run as may, and the calls to FreeScout that pages may make are taken.
    await eventually(async () => expect(await searching()).toBe(SEARCHES_AT_ONCE));
    await eventually(() => expect(busy.customers).toBeGreaterThan(1));
    expect((await fire('crowded')).status).toBe(202);
    await eventually(() =>
      expect(desk.state.tickets.map(({ subject }) => subject)).toContainEqual(
        expect.stringContaining('Disk of crowded full'),
      ),
    );
    expect(busy.searches).toBeGreaterThan(1);
    expect(busy.customers).toBeGreaterThan(1);
  } finally {
    isOver = true;
    await Promise.all(readers);
  }
});

it('a reader who asks for one report again and again keeps neither other readers nor the figures of a scrape waiting', async () => {
  const client = await database.pool.connect();
  const blocked = async (): Promise<number> => {
    const { rows } = await database.pool.query(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
         and query like '%alert_days%'`,
    );
    return rows[0].n;
  };
  try {
    await client.query('begin; lock table alert_days');
    const reports = Array.from({ length: 15 }, () => get('/console/weekly', tokenOf(0)));
    await eventually(async () => expect(await blocked()).toBe(1));
    expect((await get('/console/customers', tokenOf(1))).status).toBe(200);
    expect(await (await fetch(`${app.url}/metrics`)).text()).toContain('auto_ticketing_rows{');
    await client.query('rollback');
    await Promise.all(reports);
  } finally {
    client.release(true);
  }
});

it('a search does not go on in the database after its reader was answered', async () => {
  expect((await get('/console/audit?q=yyyyy', tokenOf(0))).status).toBe(503);
  await eventually(async () => {
    const { rows } = await database.pool.query(
      `select pid from pg_stat_activity where state = 'active' and query like '%pg_sleep%' and pid <> pg_backend_pid()
         or state = 'active' and query like '%audit_log%' and pid <> pg_backend_pid()`,
    );
    expect(rows).toEqual([]);
  });
});

it('single alerts, pages and readiness have their turn while a source sends thousands of new alerts in each of many requests', async () => {
  const answered: { request: number; status: number }[] = [];
  const requests = Array.from({ length: 12 }, async (_, request) => {
    const { status } = await flood(request);
    answered.push({ request, status });
  });
  // One is being stored, and as many wait as may.
  await eventually(() => expect(answered.map(({ status }) => status)).toContain(429));
  const single = await Promise.all([fire('single'), fetch(`${app.url}/readyz`), get('/console/status', tokenOf(0))]);
  expect(single.map(({ status }) => status)).toEqual([202, 200, 200]);
  await Promise.all(requests);
  const { rows } = await database.pool.query<{ request: string; alerts: number }>(
    "select substr(id, 13, 5) as request, count(*)::int as alerts from actors where id like 'alert:flood:%' group by 1",
  );
  const stored = new Map(rows.map(({ request, alerts }) => [request, alerts]));
  // A slow machine may store a request after its deadline, but none in part, and none that it refused.
  expect(new Set(stored.values())).toEqual(new Set(stored.size === 0 ? [] : [5_000]));
  for (const { request, status } of answered)
    if (status === 202 || status === 429) expect(stored.has(floodId(request))).toBe(status === 202);
});
