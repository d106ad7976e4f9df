import { afterEach, beforeEach, expect, it } from 'vitest';
import { dropOldAuditPartitions } from '../../src/audit/oldPartitions.ts';
import { type Verification, verifyAuditLog } from '../../src/audit/verify.ts';
import { checkAuditLog } from '../../src/commands/doctor/auditLog.ts';
import { readConfig } from '../../src/config/config.ts';
import { run } from '../commands/run.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { oldMonth } from '../support/oldMonth.ts';
import { noonOf as at, dayOf, SECRET, SIGNED, seal, tamper } from '../support/sealedLog.ts';

const DAY_MS = 86_400_000;
const old = oldMonth();
/** Of the chain, long before the days that doctor compares. */
const MIDDLE = old.next.slice(0, 10);

let database: TestDatabase;
let settings: Record<string, string>;
let sealed: Awaited<ReturnType<typeof seal>>;
beforeEach(async () => {
  database = await createTestDatabase();
  settings = { DATABASE_URL: database.url, AUDIT_DIGEST_SECRET: SECRET };
  await database.pool.query(`
    ${old.create};
    insert into audit_log (created_at, action, payload, actor, issuer, subject) values
      ('${old.lastDay}T23:59:59Z', 'a', '{"n": 1.50, "s": "é"}', 'ann', 'https://id', '7'), ('${old.next}', 'b', '{}', 'x', null, null),
      (${at(3)}, 'c', '{}', 'x', null, null), (${at(3)}, 'd', '{}', 'x', null, null), (now(), 'today', '{}', 'x', null, null)`);
  sealed = await seal(database.pool);
});
afterEach(() => database.drop());

const verify = (options: Partial<Parameters<typeof verifyAuditLog>[1]> = {}): Promise<Verification> =>
  verifyAuditLog(database.pool, { secrets: SIGNED, auditDays: 0, ...options });

it('every closed day is sealed once, the days without rows too, and the present day is not', async () => {
  expect(sealed[0]).toMatchObject({ from: old.lastDay });
  expect(sealed.reduce((sum, { rows }) => sum + rows, 0)).toBe(4);
  const { days, sealedUntil, faults, late, signedSince, sealedLate } = await verify();
  expect({ faults, late, signedSince, sealedLate, sealedUntil }).toEqual({
    faults: [],
    late: false,
    signedSince: expect.any(Date),
    sealedLate: [],
    sealedUntil: sealed.at(-1)?.to,
  });
  expect([dayOf(1), dayOf(2)]).toContain(sealedUntil);
  expect(days).toBe(1 + (Date.parse(sealedUntil ?? '') - Date.parse(old.lastDay)) / DAY_MS);
  expect(await seal(database.pool)).toEqual([]);
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
    what: 'a row that was added before the first sealed day',
    change: `insert into audit_log (created_at, action, payload, actor)
      values ('${old.lastDay}T00:00:00Z'::timestamptz - interval '1 second', 'forged', '{}', 'ann')`,
    sentence: new RegExp(`^1 row is from before ${old.lastDay}`),
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
  await tamper(database.pool, change);
  const { faults } = await verify();
  expect(faults[0]).toMatch(sentence);
  const verified = await run(['audit', 'verify'], settings);
  expect(verified).toMatchObject({
    failure: 'The audit log does not match its digests.',
    out: expect.arrayContaining([faults[0]]),
  });
  const [, finding] = await checkAuditLog(database.pool, readConfig(settings), true);
  // A doctor compares the rows of the last days only.
  if (!onlyVerify) expect(finding).toMatchObject({ state: 'FAIL', says: expect.stringContaining(faults[0] ?? '') });
});

it('digests that somebody computed anew without the secret are recognised', async () => {
  await tamper(
    database.pool,
    "update audit_log set actor = 'eve' where action = 'c'",
    'create table kept as select * from audit_digests',
    'delete from audit_digests',
  );
  await seal(database.pool, { secret: 'another-secret-of-the-32-characters', previous: null });
  expect(await verify()).toMatchObject({ faults: [expect.stringMatching(/^No digest is signed/)], signedSince: null });
  expect((await checkAuditLog(database.pool, readConfig(settings), true))[1]).toMatchObject({
    state: 'FAIL',
    says: expect.stringMatching(/No digest is signed with AUDIT_DIGEST_SECRET/),
  });
  // With signatures that only look like those of the secret.
  await tamper(
    database.pool,
    'update audit_digests d set key = k.key, signature = k.signature from kept k where k.day = d.day',
  );
  expect((await verify()).faults[0]).toMatch(/The signature of the digest of .* is wrong/);
});

it('a day is sealed only when every transaction that may add a row of it is over', async () => {
  await tamper(database.pool, `delete from audit_digests where day >= '${dayOf(4)}'`);
  const writer = await database.pool.connect();
  await writer.query('begin');
  await writer.query(`insert into audit_log (created_at, action, payload, actor) values (${at(3)}, 'late', '{}', 'x')`);
  const sealing = seal(database.pool);
  const waits = await Promise.race([sealing.then(() => false), writer.query('select pg_sleep(1)').then(() => true)]);
  await writer.query('commit');
  writer.release();
  expect(waits).toBe(true);
  expect((await sealing)[0]).toMatchObject({ from: dayOf(4) });
  expect((await sealing).reduce((sum, { rows }) => sum + rows, 0)).toBe(3);
  expect((await verify()).faults).toEqual([]);
});

it('after retention the digests can still be verified, and a month that is gone without it is reported', async () => {
  await tamper(database.pool, 'delete from audit_digests');
  expect(await dropOldAuditPartitions(database.pool, 60)).toEqual([]);
  await seal(database.pool);
  expect(await dropOldAuditPartitions(database.pool, 60)).toEqual([old.partition]);
  expect(await verify({ auditDays: 60 })).toMatchObject({ faults: [], gone: [], signedSince: expect.any(Date) });
  expect(await verify({ auditDays: 0 })).toMatchObject({ faults: [], gone: [old.month] });
  const { rows } = await database.pool.query(
    "select payload from audit_log where action = 'console.audit.month_deleted'",
  );
  expect(rows).toEqual([{ payload: { month: old.month } }]);
});
