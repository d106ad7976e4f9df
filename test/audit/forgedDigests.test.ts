import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepAuditLog } from '../../src/app/auditLogTasks.ts';
import { createMetrics } from '../../src/app/metrics.ts';
import { readDays } from '../../src/audit/dayRows.ts';
import { type Digest, sealDays } from '../../src/audit/digest.ts';
import { readChainEnd, storeDigests } from '../../src/audit/digestStore.ts';
import { verifyAuditLog } from '../../src/audit/verify.ts';
import { checkAuditLog } from '../../src/commands/doctor/auditLog.ts';
import { readConfig } from '../../src/config/config.ts';
import { transaction } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { run } from '../commands/run.ts';
import { collect } from '../support/collect.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { dayOf, noonOf, SECRET, SIGNED, seal, tamper } from '../support/sealedLog.ts';

/** Attacks of somebody who has the rights of the owner of the tables, and not AUDIT_DIGEST_SECRET. */

const NEXT_SECRET = 'the-next-secret-of-more-than-32-characters';

let database: TestDatabase;
let settings: Record<string, string>;
beforeEach(async () => {
  database = await createTestDatabase();
  settings = { DATABASE_URL: database.url, AUDIT_DIGEST_SECRET: SECRET };
  await database.pool.query(`insert into audit_log (created_at, action, payload, actor) values
    (${noonOf(9)}, 'a', '{}', 'ann'), (${noonOf(3)}, 'c', '{}', 'ann'), (now(), 'today', '{}', 'ann')`);
  await seal(database.pool);
  // As in the night in which the day after the forged ones was sealed.
  await tamper(database.pool, `delete from audit_digests where day >= '${dayOf(2)}'`);
});
afterEach(() => database.drop());

const verify = (secrets = SIGNED) => verifyAuditLog(database.pool, { secrets, auditDays: 0 });

/** Changes a row of three days ago, and computes the digests since the day before that anew. */
async function forge(sign: (digest: Digest, original: Digest) => Digest): Promise<void> {
  await tamper(
    database.pool,
    "update audit_log set actor = 'eve' where action = 'c'",
    `delete from audit_digests where day >= '${dayOf(4)}'`,
  );
  const days = (await collect(readDays(database.pool, { from: dayOf(4), to: dayOf(3) }))).flat();
  await transaction(database.pool, async (client) => {
    const { newest, now } = await readChainEnd(client, dayOf(4));
    if (newest === null) throw new Error('nothing was sealed');
    const digests = sealDays(days, { previous: newest.digest, sealedAt: now, secret: null });
    await storeDigests(
      client,
      digests.map((digest) => sign(digest, newest)),
    );
  });
}

/** What one hourly run of a worker with these settings logs. */
async function workerRun(env: Record<string, string>): Promise<{ msg: string; err?: { message: string } }[]> {
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => lines.push(line) } });
  const deps = { pool: database.pool, config: readConfig(env), metrics: createMetrics(), log };
  await keepAuditLog(deps, new AbortController().signal);
  return lines.map((line) => JSON.parse(line));
}

it.each([
  { what: 'without a signature', sign: (digest: Digest) => digest, sentence: /is not signed, although earlier ones/ },
  {
    what: 'with an invented signature',
    sign: (digest: Digest) => ({ ...digest, key: 'deadbeef', signature: 'ab'.repeat(32) }),
    sentence: /is signed with an unknown secret, although earlier ones/,
  },
  {
    what: 'with a signature that was made for another digest',
    sign: (digest: Digest, { key, signature }: Digest) => ({ ...digest, key, signature }),
    sentence: /^The signature of the digest of .* is wrong/,
  },
])(
  'digests that were computed anew $what are a fault, and no worker signs what follows them',
  async ({ sign, sentence }) => {
    await forge(sign);
    const [refused] = await workerRun(settings);
    expect(refused).toMatchObject({
      msg: 'audit log not sealed; will retry',
      err: { message: expect.stringMatching(`^The digest of ${dayOf(3)} .*Nothing is sealed after it`) },
    });
    const { faults, sealedUntil } = await verify();
    expect([faults, sealedUntil]).toEqual([[expect.stringMatching(sentence)], dayOf(3)]);
    const verified = await run(['audit', 'verify'], settings);
    expect(verified).toMatchObject({ failure: 'The audit log does not match its digests.' });
    expect((await checkAuditLog(database.pool, readConfig(settings), true))[1]).toMatchObject({
      state: 'FAIL',
      says: expect.stringContaining(faults[0] ?? ''),
    });
  },
);

it('a worker without the secret seals nothing after a signed digest', async () => {
  const [refused] = await workerRun({ DATABASE_URL: database.url });
  expect(refused).toMatchObject({
    msg: 'audit log not sealed; will retry',
    err: { message: expect.stringContaining('AUDIT_DIGEST_SECRET is not set') },
  });
  expect(await verify()).toMatchObject({ faults: [], sealedUntil: dayOf(3) });
});

it('a worker with a new secret goes on where the previous one is named, and only there', async () => {
  const replaced = { ...settings, AUDIT_DIGEST_SECRET: NEXT_SECRET };
  expect((await workerRun(replaced)).map(({ msg }) => msg)).toEqual(['audit log not sealed; will retry']);
  const named = { ...replaced, AUDIT_DIGEST_SECRET_PREVIOUS: SECRET };
  expect((await workerRun(named)).map(({ msg }) => msg)).toContain('audit log sealed');
  const both = await verify({ secret: NEXT_SECRET, previous: SECRET });
  const onlyNew = await verify({ secret: NEXT_SECRET, previous: null });
  expect([both.faults, onlyNew.faults]).toEqual([[], []]);
  expect(onlyNew.signedSince?.getTime()).toBeGreaterThan(both.signedSince?.getTime() ?? Number.NaN);
});

it('where all signatures were removed, the next worker warns, and the log counts as signed since then', async () => {
  const before = await verify();
  await tamper(database.pool, 'update audit_digests set signature = null, key = null');
  expect(await verify()).toMatchObject({ faults: [], signedSince: null });
  expect((await workerRun(settings)).map(({ msg }) => msg)).toContain(
    'audit log digests are signed from now on; earlier ones are not',
  );
  expect((await workerRun(settings)).map(({ msg }) => msg)).toEqual([]);
  const after = await verify();
  expect(after.signedSince?.getTime()).toBeGreaterThan(before.signedSince?.getTime() ?? Number.NaN);
  const { out } = await run(['audit', 'verify'], settings);
  expect(out.at(-1)).toMatch(/signed since \d{4}-\d\d-\d\d \d\d:\d\d UTC; 0 discrepancies\.$/);
});
