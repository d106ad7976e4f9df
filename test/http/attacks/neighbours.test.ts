import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, startApp } from '../../../src/app/app.ts';
import { readConfig } from '../../../src/config/config.ts';
import { createLog } from '../../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';
import { eventually } from '../../support/eventually.ts';

const READERS = 12;
const tokenOf = (reader: number) => `viewer-token-number-${reader}-0123456789`;
const INGEST = 'ingest-token-of-a-sender-0123456789';

let database: TestDatabase;
let app: App;
beforeAll(async () => {
  database = await createTestDatabase();
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: database.url,
    CONSOLE_API_TOKENS: Array.from({ length: READERS }, (_, n) => `reader${n}:viewer:${tokenOf(n)}`).join(),
    INGEST_TOKENS: `prometheus:${INGEST}`,
  });
  app = await startApp({ config, role: 'web', log: createLog({ level: 'silent' }) });
  // Reading the audit log takes as long as a search of a very large one; writing it does not.
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
  await database.drop();
});

const get = (path: string, token: string) =>
  fetch(app.url + path, { headers: { authorization: `Bearer ${token}`, accept: 'application/json' } });

it('alerts are taken and the process is ready while every reader searches the audit log', async () => {
  const searches = Array.from({ length: READERS }, (_, n) => get('/console/audit?q=zzzzz', tokenOf(n)));
  await eventually(async () => {
    const { rows } = await database.pool.query(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and query like '%audit_log%'
         and state = 'active' and pid <> pg_backend_pid()`,
    );
    expect(rows[0].n).toBeGreaterThan(0);
  });
  const alerts = [{ alert_id: 'disk', severity: 'P1', status: 'firing', title: 'Disk full' }];
  const answers = await Promise.all([
    fetch(`${app.url}/api/alerts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${INGEST}`, 'content-type': 'application/json' },
      body: JSON.stringify({ source: 'prometheus', alerts }),
    }),
    fetch(`${app.url}/readyz`),
    get('/console/status', tokenOf(0)),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([202, 200, 200]);
  expect(new Set((await Promise.all(searches)).map(({ status }) => status))).toEqual(new Set([503]));
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
