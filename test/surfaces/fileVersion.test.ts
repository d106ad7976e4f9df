import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type FileVerdict, fileVersion } from '../../src/surfaces/fileVersion.ts';
import { parseSurfacesFile } from '../../src/surfaces/surfacesFile.ts';
import { syncFile } from '../../src/surfaces/sync.ts';
import { createTestDatabase } from '../support/db.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  await database.pool.query('delete from surfaces');
  await database.pool.query('delete from surfaces_files');
});
afterAll(() => database.drop());

/** A worker starts with this file. */
async function start(ids: string[], { revision, at }: { revision?: number; at: string }): Promise<FileVerdict> {
  const surfaces = ids.map((id) => ({ id, name: id, url: 'http://127.0.0.1:9/' }));
  const text = JSON.stringify({ ...(revision !== undefined && { revision }), surfaces });
  const { revision: read, ...listed } = parseSurfacesFile(text, 'test');
  return syncFile(database.pool, { ...listed, file: fileVersion(text, read, new Date(at)) });
}
const watched = async () =>
  (await database.pool.query<{ id: string }>('select id from surfaces where removed_at is null order by id')).rows.map(
    ({ id }) => id,
  );
const NEW: FileVerdict = { isInForce: true, returns: false };
const RETURNS: FileVerdict = { isInForce: true, returns: true };
const older = (why: string) => ({ isInForce: false, reason: expect.stringContaining(why) });
const [MONDAY, TUESDAY, WEDNESDAY] = ['2026-05-04T00:00:00Z', '2026-05-05T00:00:00Z', '2026-05-06T00:00:00Z'];

it('a worker that restarts with an older file leaves the newer one in force and is told why', async () => {
  expect(await start(['a'], { at: MONDAY })).toEqual(NEW);
  expect(await start(['a', 'b'], { at: TUESDAY })).toEqual(NEW);
  expect(await start(['a'], { at: MONDAY })).toEqual(older('2026-05-05T00:00:00.000Z'));
  expect(await start(['a', 'b'], { at: TUESDAY })).toEqual(NEW);
  expect(await watched()).toEqual(['a', 'b']);
});

it('an older text that is written again is taken, and said to return', async () => {
  await start(['a'], { at: MONDAY });
  await start(['a', 'b'], { at: TUESDAY });
  expect(await start(['a'], { at: WEDNESDAY })).toEqual(RETURNS);
  expect(await watched()).toEqual(['a']);
});

it('files whose times are all one constant replace each other, and an earlier one is said to return', async () => {
  await start(['a'], { at: MONDAY });
  expect(await start(['b'], { at: MONDAY })).toEqual(NEW);
  expect(await watched()).toEqual(['b']);
  expect(await start(['a'], { at: MONDAY })).toEqual(RETURNS);
  expect(await watched()).toEqual(['a']);
});

it('a higher revision wins against a later modification time', async () => {
  await start(['a', 'b'], { revision: 8, at: MONDAY });
  expect(await start(['a'], { revision: 7, at: WEDNESDAY })).toEqual(older('revision 8'));
  expect(await start(['a'], { at: WEDNESDAY })).toEqual(older('this one has none'));
  expect(await watched()).toEqual(['a', 'b']);
  expect(await start(['c'], { revision: 9, at: MONDAY })).toEqual(NEW);
  expect(await watched()).toEqual(['c']);
});

it('a file whose modification time lies ahead is replaced by an edit, and does not replace that when it is read again', async () => {
  const ahead = new Date(Date.now() + 3_600_000).toISOString();
  expect(await start(['a'], { at: ahead })).toEqual(NEW);
  // Later than the first file was read, and not so far ahead that it counts as wrong.
  const edited = new Date(Date.now() + 1_000).toISOString();
  expect(await start(['b'], { at: edited })).toEqual(NEW);
  expect(await start(['a'], { at: ahead })).toEqual(older(edited));
  expect(await watched()).toEqual(['b']);
});

it('a file that an earlier release stored with a modification time ahead is replaced by an edit', async () => {
  await start(['a'], { at: MONDAY });
  await database.pool.query("update surfaces_files set modified_at = clock_timestamp() + interval '1 hour'");
  expect(await start(['b'], { at: new Date().toISOString() })).toEqual(NEW);
  expect(await watched()).toEqual(['b']);
});

it('two workers that start at once leave the newer file in force', async () => {
  await Promise.all([start(['old'], { at: MONDAY }), start(['new'], { at: TUESDAY })]);
  expect(await watched()).toEqual(['new']);
});
