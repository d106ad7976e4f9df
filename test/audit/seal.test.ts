import { afterEach, beforeEach, expect, it } from 'vitest';
import { dropOldAuditPartitions } from '../../src/audit/oldPartitions.ts';
import { sealAuditLog } from '../../src/audit/seal.ts';
import { type Verification, verifyAuditLog } from '../../src/audit/verify.ts';
import { checkAuditLog } from '../../src/commands/doctor/auditLog.ts';
import { readConfig } from '../../src/config/config.ts';
import { run } from '../commands/run.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { oldMonth } from '../support/oldMonth.ts';

const SECRET = 'audit-digest-secret-of-32-characters';
const DAY_MS = 86_400_000;
const old = oldMonth();
/** Of the chain, long before the days that doctor compares. */
const MIDDLE = old.next.slice(0, 10);

let database: TestDatabase;
let settings: Record<string, string>;
let sealed: Awaited<ReturnType<typeof sealAuditLog>>;
beforeEach(async () => {
  database = await createTestDatabase();
  settings = { DATABASE_URL: database.url, AUDIT_DIGEST_SECRET: SECRET };
  await database.pool.query(`
    ${old.create};
    insert into audit_log (created_at, action, payload, actor, issuer, subject) values
      ('${old.lastDay}T23:59:59Z', 'a', '{"n": 1.50, "s": "é"}', 'ann', 'https://id', '7'), ('${old.next}', 'b', '{}', 'x', null, null),
      (${at(3)}, 'c', '{}', 'x', null, null), (${at(3)}, 'd', '{}', 'x', null, null), (now(), 'today', '{}', 'x', null, null)`);
  sealed = await sealAuditLog(database.pool, { secret: SECRET });
});
afterEach(() => database.drop());

/** Noon of the day so many days ago. */
function at(daysAgo: number): string {
  return `date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' - interval '${daysAgo} days' + interval '12 hours'`;
}
const dayOf = (daysAgo: number): string => new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10);

const verify = (options: Partial<Parameters<typeof verifyAuditLog>[1]> = {}): Promise<Verification> =>
  verifyAuditLog(database.pool, { secret: SECRET, auditDays: 0, ...options });

/** Changes the database past all triggers, as its owner can. */
async function tamper(...statements: string[]): Promise<void> {
  await database.pool.query(
    `set session_replication_role = replica; ${statements.join('; ')}; reset session_replication_role`,
  );
}

it('every closed day is sealed once, the days without rows too, and the present day is not', async () => {
  expect(sealed[0]).toMatchObject({ from: old.lastDay });
  expect(sealed.reduce((sum, { rows }) => sum + rows, 0)).toBe(4);
  const { days, sealedUntil, faults, late, unsigned } = await verify();
  expect({ faults, late, unsigned, sealedUntil }).toEqual({
    faults: [],
    late: false,
    unsigned: 0,
    sealedUntil: sealed.at(-1)?.to,
  });
  expect([dayOf(1), dayOf(2)]).toContain(sealedUntil);
  expect(days).toBe(1 + (Date.parse(sealedUntil ?? '') - Date.parse(old.lastDay)) / DAY_MS);
  expect(await sealAuditLog(database.pool, { secret: SECRET })).toEqual([]);
});

it.each([
  {
    what: 'a row that was changed',
    change: "update audit_log set actor = 'eve' where action = 'c'",
    sentence: /rows were changed/,
  },
  {
    what: 'a time that was moved within its day',
    change: "update audit_log set created_at = created_at + interval '1 second' where action = 'c'",
    sentence: /rows were changed/,
  },
  {
    what: 'a row that was deleted',
    change: "delete from audit_log where action = 'c'",
    sentence: /2 rows were sealed, and there are 1/,
  },
  {
    what: 'a row that was added to the past',
    change: `insert into audit_log (created_at, action, payload, actor) values (${at(5)}, 'forged', '{}', 'ann')`,
    sentence: /0 rows were sealed, and there are 1/,
  },
  {
    what: 'a digest that was deleted',
    change: `delete from audit_digests where day = '${MIDDLE}'`,
    sentence: /The digests from .* are missing/,
  },
  {
    what: 'a subject of months ago that was changed',
    change: "update audit_log set subject = '8' where action = 'a'",
    sentence: new RegExp(`${old.lastDay}: rows were changed`),
    onlyVerify: true,
  },
])('$what is reported', async ({ change, sentence, onlyVerify = false }) => {
  await tamper(change);
  const { faults } = await verify();
  expect(faults[0]).toMatch(sentence);
  const verified = await run(['audit', 'verify'], settings);
  expect(verified).toMatchObject({ failure: 'The audit log was changed.', out: expect.arrayContaining([faults[0]]) });
  const [, finding] = await checkAuditLog(database.pool, readConfig(settings), true);
  // A doctor compares the rows of the last days only.
  if (!onlyVerify) expect(finding).toMatchObject({ state: 'FAIL', says: expect.stringContaining(faults[0] ?? '') });
});

it('digests that somebody computed anew without the secret are recognised', async () => {
  await tamper(
    "update audit_log set actor = 'eve' where action = 'c'",
    'create table kept as select * from audit_digests',
    'delete from audit_digests',
  );
  await sealAuditLog(database.pool, { secret: 'another-secret-of-the-32-characters' });
  expect(await verify()).toMatchObject({ faults: [], unsigned: (await verify()).days });
  expect((await checkAuditLog(database.pool, readConfig(settings), true))[1]).toMatchObject({
    state: 'WARN',
    says: expect.stringMatching(/are not signed with AUDIT_DIGEST_SECRET/),
  });
  // With signatures that only look like those of the secret.
  await tamper('update audit_digests d set key = k.key, signature = k.signature from kept k where k.day = d.day');
  expect((await verify()).faults[0]).toMatch(/The signature of the digest of .* is wrong/);
});

it('a day is sealed only when every transaction that may add a row of it is over', async () => {
  await tamper(`delete from audit_digests where day >= '${dayOf(4)}'`);
  const writer = await database.pool.connect();
  await writer.query('begin');
  await writer.query(`insert into audit_log (created_at, action, payload, actor) values (${at(3)}, 'late', '{}', 'x')`);
  const sealing = sealAuditLog(database.pool, { secret: SECRET });
  const waits = await Promise.race([sealing.then(() => false), writer.query('select pg_sleep(1)').then(() => true)]);
  await writer.query('commit');
  writer.release();
  expect(waits).toBe(true);
  expect((await sealing)[0]).toMatchObject({ from: dayOf(4), rows: 3 });
  expect((await verify()).faults).toEqual([]);
});

it('after retention the digests can still be verified, and a month that is gone without it is reported', async () => {
  await tamper('delete from audit_digests');
  expect(await dropOldAuditPartitions(database.pool, 60)).toEqual([]);
  await sealAuditLog(database.pool, { secret: SECRET });
  expect(await dropOldAuditPartitions(database.pool, 60)).toEqual([old.partition]);
  expect(await verify({ auditDays: 60 })).toMatchObject({ faults: [], gone: [], unsigned: 0 });
  expect(await verify({ auditDays: 0 })).toMatchObject({ faults: [], gone: [old.month] });
  const { rows } = await database.pool.query(
    "select payload from audit_log where action = 'console.audit.month_deleted'",
  );
  expect(rows).toEqual([{ payload: { month: old.month } }]);
});
