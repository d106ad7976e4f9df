import { expect, it, onTestFinished } from 'vitest';
import { checkDatabase } from '../../../src/commands/doctor/database.ts';
import { readConfig } from '../../../src/config/config.ts';
import { createTestDatabase } from '../../support/db.ts';
import { startPgBouncer } from '../../support/pgbouncer.ts';

async function database({ empty = false } = {}) {
  const created = await createTestDatabase({ empty });
  onTestFinished(() => created.drop());
  const check = async (production: boolean, env: Record<string, string> = {}) => {
    const findings = await checkDatabase(readConfig({ DATABASE_URL: created.url, ...env }), production, {});
    return Object.fromEntries(findings.map(({ check, state, says }) => [check, `${state}: ${says}`]));
  };
  return { ...created, check };
}

it('a new database passes all checks but that of its only role', async () => {
  const found = await (await database()).check(true, { AUDIT_DIGEST_SECRET: 'audit-digest-secret-of-32-characters' });
  // These tests connect as a superuser.
  expect(Object.entries(found).filter(([, finding]) => !finding.startsWith('ok: '))).toEqual([
    ['audit log rights', expect.stringMatching(/^WARN: .*is a superuser.*DATABASE_OWNER_URL/)],
  ]);
  expect(found).toMatchObject({ 'dead letters': 'ok: There are none.', clocks: expect.stringContaining('agree') });
});

it('a database that is not migrated fails in production and is a warning elsewhere', async () => {
  const { check } = await database({ empty: true });
  expect((await check(true))['database schema']).toMatch(/^FAIL: .*auto-ticketing migrate/);
  expect((await check(false))['database schema']).toMatch(/^WARN: /);
});

it('flags are reported with who flipped them and whether the environment forces them off', async () => {
  const { pool, check } = await database();
  await pool.query(
    "insert into flags values ('FLAG_CONSOLE_ALERTS_AUTO_TICKET', false, '2026-05-05T14:32:17Z', 'kris')",
  );
  const found = await check(true, { FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: '0' });
  expect(found.FLAG_CONSOLE_ALERTS_AUTO_TICKET).toBe(
    'WARN: Off, changed by kris at 2026-05-05 14:32 UTC: no alert gets a ticket. An admin can turn it on at /console/flags.',
  );
  expect(found.FLAG_CONSOLE_INVESTIGATE_FROM_STATUS).toMatch(/^WARN: Forced off/);
});

it('dead letters, parked actors, waiting filings and unchecked surfaces are counted', async () => {
  const { pool, check } = await database();
  await pool.query(`
    insert into effects (id, actor_id, child_id, src, input, status) values ('e', 'alert:a:1', 'dm', 'sendDm', '{}', 'dead');
    insert into actors (id, kind, version, rev, state, snapshot, parked)
      values ('surface:api', 'surface', 1, 1, '{}', '{}', 'cannot be restored');
    insert into actors (id, kind, version, rev, state, snapshot) values ('helpdesk', 'helpdesk', 1, 1,
      '{"failing": {}}', '{"context": {"failingSince": "2026-05-05T14:32:17Z", "waiting": ["alert:a:1", "alert:a:2"]}}');
    insert into silences (matchers, reason, created_by, until, ends_at) values
      ('{}', 'r', 'b', '2099-05-05T14:32Z', '2099-05-05T14:32Z'), ('{}', 'r', 'b', now(), now());
    insert into surfaces (id, position, config, checked_at) values ('api', 1, '{}', now() - interval '1 hour')`);
  const found = await check(true);
  expect(found['dead letters']).toMatch(/^WARN: 1 dead letter: see /);
  expect(found['parked actors']).toMatch(/^FAIL: 1 actor could not be restored/);
  expect(found.silences).toMatch(/^WARN: 1 active silence, the last until 2099-05-05 14:32 UTC: /);
  expect(found['ticket filing']).toMatch(/^WARN: .* since 2026-05-05 14:32 UTC; 2 filings wait/);
  expect(found.checks).toMatch(/^WARN: No surface has been checked for 36\d\d s/);
});

it.each([
  ['a surface with a long interval of its own counts as checked within three of them', 3_600, 'ok: 1 surface, '],
  ['a surface with a short interval of its own counts as late after three of them', 10, 'WARN: No surface has been '],
])('%s', async (_what, intervalSeconds, said) => {
  const { pool, check } = await database();
  await pool.query(
    "insert into surfaces (id, position, config, checked_at) values ('api', 1, $1, now() - interval '100 seconds')",
    [{ intervalSeconds }],
  );
  expect((await check(true)).checks?.slice(0, said.length)).toBe(said);
});

it('a database that cannot be reached fails without showing the password', async () => {
  const config = readConfig({ DATABASE_URL: 'postgres://u:geheim@127.0.0.1:1/x' });
  const findings = await checkDatabase(config, true, {});
  expect(findings).toMatchObject([{ check: 'database', state: 'FAIL', says: expect.stringContaining('ECONNREFUSED') }]);
  expect(JSON.stringify(findings)).not.toContain('geheim');
});

it('an embedded Postgres that is not running is not started', async () => {
  const findings = await checkDatabase(readConfig({ DATA_DIR: '/nowhere' }), false, {});
  expect(findings).toMatchObject([{ state: 'ok', says: expect.stringContaining('is not running') }]);
});

it('the addresses of the pooler and of the lists are checked, too', async () => {
  const { url, check } = await database();
  const pooler = await startPgBouncer(url, 'extra_float_digits');
  onTestFinished(pooler.stop);
  const works = { DATABASE_URL: pooler.url, DATABASE_DIRECT_URL: url, DATABASE_READER_URL: url };
  expect(await check(false, works)).toMatchObject({
    'database pooler': expect.stringMatching(/^ok: .*is that of DATABASE_DIRECT_URL\.$/),
    'database of lists': expect.stringMatching(/^ok: /),
  });
  const nowhere = 'postgres://console:geheim@127.0.0.1:1/tickets';
  expect(await check(false, { ...works, DATABASE_URL: nowhere, DATABASE_READER_URL: nowhere })).toMatchObject({
    database: expect.stringMatching(/^ok: /),
    'database pooler': expect.stringMatching(/^FAIL: .*check DATABASE_URL,/),
    'database of lists': expect.stringMatching(/^FAIL: .*check DATABASE_READER_URL,/),
  });
  const other = await database();
  expect((await check(false, { ...works, DATABASE_DIRECT_URL: other.url }))['database pooler']).toMatch(
    /^FAIL: DATABASE_DIRECT_URL leads to another database than DATABASE_URL/,
  );
});
