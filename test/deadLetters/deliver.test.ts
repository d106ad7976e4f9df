import { afterEach, beforeEach, expect, it } from 'vitest';
import { registry } from '../../src/app/machineRegistry.ts';
import { createDeadLetters } from '../../src/deadLetters/deadLetters.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const letters = () => createDeadLetters({ pool: database.pool, registry, deliver: async () => [] });
const count = async (sql: string) => Number((await database.pool.query(`select count(*) from ${sql}`)).rows[0]?.count);

async function bury(id: string, src: string, input: object, error: object = {}): Promise<void> {
  await database.pool.query(
    `insert into effects (id, actor_id, child_id, src, input, status, attempts, error, finished_at)
     values ($1, 'alert:a:1', 'x', $2, $3, 'dead', 3, $4, now())`,
    [id, src, input, error],
  );
}

it('a replay and its audit row stand together or not at all', async () => {
  await bury('fails', 'sendDm', { id: '1' });
  await database.pool.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no row today'; end $$;
    create trigger refuse before insert on audit_log for each row execute function refuse()`);
  await expect(letters().replay('fails', 'ada')).rejects.toThrow('no row today');
  await expect(letters().discard('fails', 'why', 'ada')).rejects.toThrow('no row today');
  expect(await letters().one('fails')).toMatchObject({ history: [] });
  expect(await count('graphile_worker._private_jobs')).toBe(0);
  await database.pool.query('drop trigger refuse on audit_log');
  expect(await letters().replay('fails', 'ada')).toBe(true);
  expect(await count("audit_log where action = 'console.dead_letters.replayed'")).toBe(1);
  expect(await count('graphile_worker._private_jobs')).toBe(1);
});

it('lists those of a kind and a reason, with how many there are on all pages', async () => {
  await bury('note', 'keepTicket', { kind: 'note' }, { problem: 'rejected', message: 'no' });
  await bury('tag', 'keepTicket', { kind: 'tag' }, { problem: 'unavailable', message: 'no' });
  await bury('dm-1', 'sendDm', {}, { code: 'invalid_auth', message: 'no' });
  await bury('dm-2', 'sendDm', {}, { message: 'no' });
  const found = async (filter: object) =>
    (await letters().list({ limit: 50, ...filter })).rows.map(({ id }) => id).toSorted();
  expect(await found({ kind: 'note' })).toEqual(['note']);
  expect(await found({ kind: 'message' })).toEqual(['dm-1', 'dm-2']);
  expect(await found({ kind: 'message', reason: 'invalid_auth' })).toEqual(['dm-1']);
  expect(await found({ reason: 'other' })).toEqual(['dm-2']);
  expect(await letters().list({ limit: 1, kind: 'message' })).toMatchObject({
    total: 2,
    next_cursor: expect.any(String),
  });
});

it('an edit that changes nothing is audited by nobody', async () => {
  await bury('same', 'sendDm', { id: '1', body: { title: 'x' } });
  expect(await letters().edit('same', { id: '1', body: { title: 'x' } }, 'ada')).toMatchObject({ edited: false });
  expect(await count("audit_log where action = 'console.dead_letters.edited'")).toBe(0);
});

it('keeps the last fifty entries of a history', async () => {
  await bury('long', 'sendDm', { id: '1', body: { title: '0' } });
  for (let n = 1; n <= 52; n += 1) await letters().edit('long', { id: '1', body: { title: `${n}` } }, `person ${n}`);
  const { history } = (await letters().one('long')) ?? {};
  expect(history).toHaveLength(50);
  expect((history as { by: string }[])[0]?.by).toBe('person 3');
});
