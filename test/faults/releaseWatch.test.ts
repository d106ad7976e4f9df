import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { addressOf, alertVersion } from './releases.ts';
import { dropVersions, readReleases, watchReleases } from './releaseWatch.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await watchReleases({ rows });
});
afterEach(() => database.drop());

async function rows<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
  return (await database.pool.query<Row>(sql, values)).rows;
}

const ALERT = 'alert:monitor:1';
const [present, next] = [alertVersion(0), alertVersion(1)];
const addAlert = (version: number) =>
  rows("insert into actors (id, kind, version, rev, state, snapshot) values ($1, 'alert', $2, 1, '{}', '{}')", [
    ALERT,
    version,
  ]);
const addJob = (name: string, payload: object) =>
  rows('select graphile_worker.add_job($1, $2::json, job_key := $3)', [name, JSON.stringify(payload), name]);

/** An effect that this version of the alert machine asked for, with its job. */
async function addEffect(version: number): Promise<string> {
  await rows(
    "insert into effects (id, actor_id, child_id, src, input, version) values ($1, $2, 'dm', 'sendDm', '{}', $3)",
    [String(version), ALERT, version],
  );
  const name = `effect alert ${version}`;
  await addJob(name, { id: String(version) });
  return name;
}

/** A process of this release takes the job. */
async function take(release: number, key: string): Promise<void> {
  const client = new pg.Client({ connectionString: addressOf(database.url, release) });
  await client.connect();
  await client.query("update graphile_worker._private_jobs set locked_at = now(), locked_by = 'it' where key = $1", [
    key,
  ]);
  await client.end();
}

test('jobs that an older process takes beside a newer one are counted, and apart from them those that it does not know', async () => {
  await addAlert(next);
  await take(0, await addEffect(present - 1));
  await take(1, await addEffect(next));
  expect(await readReleases({ rows })).toMatchObject({ takenByOlder: 0, takenTooNew: 0 });
  await take(0, await addEffect(present));
  expect(await readReleases({ rows })).toMatchObject({ takenByOlder: 1, takenTooNew: 0 });
  await addJob(`inbox alert ${next}`, { actorId: ALERT });
  await take(0, `inbox alert ${next}`);
  expect(await readReleases({ rows })).toMatchObject({ takenByOlder: 2, takenTooNew: 1 });
});

test('in a control run, the job of an effect does not name the version that asked for it, and an older process takes it', async () => {
  await addAlert(next);
  await addJob('effect', {});
  await dropVersions({ rows });
  const key = await addEffect(next);
  const named = 'select task_identifier as name from graphile_worker.jobs where key = $1';
  expect(await rows(named, [key])).toEqual([{ name: 'effect' }]);
  await take(0, key);
  expect(await readReleases({ rows })).toMatchObject({ takenTooNew: 1 });
});

test('an event that was left to a newer release waits until it is taken; one of a parked actor does not count', async () => {
  const hold = (reason: string) =>
    rows("insert into held_events (actor_id, event, reason) values ($1, '{}', $2)", [ALERT, reason]);
  await hold('moved by a newer release');
  await hold('a bug');
  const [waiting] = (await readReleases({ rows })).waits;
  expect(waiting).toMatchObject({ key: 'monitor:1', until: null });
  await rows('delete from held_events');
  const { waits } = await readReleases({ rows });
  expect(waits).toEqual([{ ...waiting, until: expect.any(Number) }]);
  expect(waits[0]?.until).toBeGreaterThanOrEqual(waits[0]?.from ?? Number.NaN);
});

test('an alert whose version becomes lower was written over by an older release', async () => {
  await addAlert(present);
  await rows('update actors set version = $1', [next]);
  await rows('update actors set rev = 2, version = $1', [next]);
  expect((await readReleases({ rows })).overwritten).toEqual([]);
  await rows('update actors set version = $1', [present]);
  expect((await readReleases({ rows })).overwritten).toEqual([ALERT]);
});
