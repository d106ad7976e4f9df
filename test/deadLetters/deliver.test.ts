import { afterEach, beforeEach, expect, it } from 'vitest';
import { registry } from '../../src/app/machineRegistry.ts';
import { createDeadLetters } from '../../src/deadLetters/deadLetters.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const deadLetters = () => createDeadLetters({ pool: database.pool, registry, deliver: async () => [] });
const count = async (sql: string) => Number((await database.pool.query(`select count(*) from ${sql}`)).rows[0]?.count);

async function addDeadLetter(id: string, src: string, input: object, error: object = {}): Promise<void> {
  await database.pool.query(
    `insert into effects (id, actor_id, child_id, src, input, status, attempts, error, finished_at)
     values ($1, 'alert:a:1', 'x', $2, $3, 'dead', 3, $4, now())`,
    [id, src, input, error],
  );
}

it('a replay and its audit row are written together or not at all', async () => {
  await addDeadLetter('fails', 'sendDm', { id: '1' });
  await database.pool.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no row today'; end $$;
    create trigger refuse before insert on audit_log for each row execute function refuse()`);
  await expect(deadLetters().replay('fails', 'ada')).rejects.toThrow('no row today');
  await expect(deadLetters().discard('fails', 'why', 'ada')).rejects.toThrow('no row today');
  expect(await deadLetters().one('fails')).toMatchObject({ history: [] });
  expect(await count('graphile_worker._private_jobs')).toBe(0);
  await database.pool.query('drop trigger refuse on audit_log');
  expect(await deadLetters().replay('fails', 'ada')).toBe(true);
  expect(await count("audit_log where action = 'console.dead_letters.replayed'")).toBe(1);
  expect(await count('graphile_worker._private_jobs')).toBe(1);
});

it('the list filters by kind and reason, and counts the matches of all pages', async () => {
  await addDeadLetter('note', 'keepTicket', { kind: 'note' }, { problem: 'rejected', message: 'no' });
  await addDeadLetter('tag', 'keepTicket', { kind: 'tag' }, { problem: 'unavailable', message: 'no' });
  await addDeadLetter('dm-1', 'sendDm', {}, { code: 'invalid_auth', message: 'no' });
  await addDeadLetter('dm-2', 'sendDm', {}, { message: 'no' });
  const found = async (filter: object) =>
    (await deadLetters().list({ limit: 50, ...filter })).rows.map(({ id }) => id).toSorted();
  expect(await found({ kind: 'note' })).toEqual(['note']);
  expect(await found({ kind: 'message' })).toEqual(['dm-1', 'dm-2']);
  expect(await found({ kind: 'message', reason: 'invalid_auth' })).toEqual(['dm-1']);
  expect(await found({ reason: 'other' })).toEqual(['dm-2']);
  expect(await deadLetters().list({ limit: 1, kind: 'message' })).toMatchObject({
    total: 2,
    next_cursor: expect.any(String),
  });
});

it('an edit that changes nothing is not audited', async () => {
  await addDeadLetter('same', 'sendDm', { id: '1', body: { title: 'x' } });
  expect(await deadLetters().edit('same', { id: '1', body: { title: 'x' } }, 'ada')).toMatchObject({ edited: false });
  expect(await count("audit_log where action = 'console.dead_letters.edited'")).toBe(0);
});

it('the history of a dead letter keeps its last fifty entries', async () => {
  await addDeadLetter('long', 'sendDm', { id: '1', body: { title: '0' } });
  for (let n = 1; n <= 52; n += 1)
    await deadLetters().edit('long', { id: '1', body: { title: `${n}` } }, `person ${n}`);
  const { history } = (await deadLetters().one('long')) ?? {};
  for (const { at } of history as { at: string }[]) expect(at).toMatch(/T\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(history).toHaveLength(50);
  expect((history as { by: string }[])[0]?.by).toBe('person 3');
});
