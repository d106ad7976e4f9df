import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSessions } from '../../src/identity/sessions.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';

let database: TestDatabase;
let sessions: ReturnType<typeof createSessions>;
beforeAll(async () => {
  database = await createTestDatabase();
  sessions = createSessions(database.pool, { idleMinutes: 60, maxHours: 12 });
});
afterAll(() => database.drop());

/** A session of Ada. Its id is given afterwards, so that the order in which rows are stored is that of these calls. */
async function open(id: string): Promise<void> {
  await sessions.open({
    role: 'viewer',
    ...{ issuer: 'https://id.example.com', subject: 'ada', name: 'ada@example.com', hint: 'h' },
    ...{ authenticatedAt: null, grant: null, providerSession: null, replaces: null },
    ...{ address: '203.0.113.7', userAgent: 'Firefox' },
  });
  await database.pool.query('update sessions set id = $1 where length(id) > 1', [id]);
}

it('sessions that end together are locked in the order of their ids', async () => {
  for (const id of ['d', 'c', 'b', 'a']) await open(id);
  const other = await database.pool.connect();
  try {
    await other.query('begin');
    await other.query('set local idle_in_transaction_session_timeout = 0');
    await other.query("select from sessions where id = 'a' for update");
    const ended = sessions.revokeAll('mia@example.com');
    await eventually(async () => {
      const { rowCount } = await database.pool.query(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      expect(rowCount).toBe(1);
    });
    const { rows } = await database.pool.query('select id from sessions order by id for update skip locked');
    expect(rows.map(({ id }) => id)).toEqual(['b', 'c', 'd']);
    await other.query('commit');
    expect(await ended).toBe(4);
  } finally {
    // Where the test failed, this ends the transaction.
    other.release(true);
  }
});
