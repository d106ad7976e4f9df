import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

describe('table audit_log', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    await database.pool.query(
      `insert into audit_log (action, payload, actor)
       values ('console.alerts.ticket_filed', '{"alert_key": "status_poller:a3f9b812", "severity": "P2", "ticket_id": 412}', 'test')`,
    );
  });

  afterAll(() => database.drop());

  it.each([`update audit_log set actor = 'somebody else'`, 'delete from audit_log', 'truncate audit_log'])(
    'refuses: %s',
    async (statement) => {
      const { rows: before } = await database.pool.query('select * from audit_log order by id');

      await expect(database.pool.query(statement)).rejects.toThrow('audit_log is append-only');

      expect((await database.pool.query('select * from audit_log order by id')).rows).toEqual(before);
    },
  );

  it('refuses to change a row through its partition', async () => {
    const { rows } = await database.pool.query<{ partition: string }>(
      'select tableoid::regclass::text as partition from audit_log order by id desc limit 1',
    );
    const partition = rows[0]?.partition;

    for (const statement of [`update ${partition} set actor = 'somebody else'`, `delete from ${partition}`]) {
      await expect(database.pool.query(statement)).rejects.toThrow('audit_log is append-only');
    }
  });

  it('puts a row into the partition of its month', async () => {
    const { rows } = await database.pool.query<{ partition: string; month: string }>(
      `select tableoid::regclass::text as partition, to_char(created_at at time zone 'UTC', 'YYYY_MM') as month
       from audit_log order by id desc limit 1`,
    );
    expect(rows[0]?.partition).toBe(`audit_log_${rows[0]?.month}`);
  });

  it('answers the runbook query for recent filings', async () => {
    const { rows } = await database.pool.query(`SELECT created_at, action, payload
FROM audit_log
WHERE action IN ('console.status.ticket_filed', 'console.alerts.ticket_filed')
ORDER BY created_at DESC
LIMIT 50;`);
    expect(rows[0]).toEqual({
      created_at: expect.any(Date),
      action: 'console.alerts.ticket_filed',
      payload: { alert_key: 'status_poller:a3f9b812', severity: 'P2', ticket_id: 412 },
    });
  });

  it('answers the runbook query for a flood of tickets', async () => {
    const { rows } =
      await database.pool.query(`SELECT created_at, payload->>'alert_key' AS alert_key, payload->>'severity' AS severity
FROM audit_log
WHERE action = 'console.alerts.ticket_filed'
AND created_at > NOW() - INTERVAL '2 hours'
ORDER BY created_at DESC
LIMIT 20;`);
    expect(rows[0]).toEqual({ created_at: expect.any(Date), alert_key: 'status_poller:a3f9b812', severity: 'P2' });
  });
});
