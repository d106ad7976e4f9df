import type { PoolClient } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appendAudit } from '../../src/audit/auditLog.ts';
import { prepareAuditPartitions, prune } from '../../src/audit/retention.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { WAIT_TIMEOUT_MS } from '../support/waitTimeout.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const names = async (sql: string): Promise<string[]> => {
  const { rows } = await database.pool.query<{ name: string }>(sql);
  return rows.map(({ name }) => name);
};

describe('preparing the audit log', () => {
  const partitions = () =>
    names(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit_log'::regclass order by 1`,
    );

  it('creates missing partitions, also when several processes do so at once', async () => {
    const before = await partitions();
    const last = before.at(-2);
    await database.pool.query(`drop table ${last}`);
    await Promise.all(Array.from({ length: 8 }, () => prepareAuditPartitions(database.pool)));
    expect(await partitions()).toEqual(before);
  });

  describe('while the log is read, as a pg_dump does', () => {
    let reader: PoolClient;
    let last: string;
    beforeEach(async () => {
      last = (await partitions()).at(-2) ?? '';
      await database.pool.query(`drop table ${last}`);
      reader = await database.pool.connect();
      await reader.query('begin; set local idle_in_transaction_session_timeout = 0; select count(*) from audit_log');
    });
    afterEach(async () => {
      await reader.query('rollback');
      reader.release();
      expect(await prepareAuditPartitions(database.pool)).toBe(0);
    });

    it('a transition that is audited does not wait, and the partition is created later', async () => {
      // Postgres ends an append that waits for a lock for longer, however slow this machine is in everything else.
      const appends = createPool(database.url, 10, createLog({ level: 'silent' }), { connectMs: WAIT_TIMEOUT_MS });
      appends.on('connect', (client) => void client.query("set lock_timeout = '2s'"));
      // Connected before, so that the appends meet the lock.
      await Promise.all(Array.from({ length: 10 }, () => appends.query('select 1')));
      const preparing = prepareAuditPartitions(database.pool);
      try {
        await Promise.all(
          Array.from({ length: 20 }, () => appendAudit(appends, [{ action: 'a', payload: {}, actor: 'c' }])),
        );
      } finally {
        await appends.end();
      }
      expect(await preparing).toBe(1);
      expect(await partitions()).not.toContain(last);
    });
  });

  it('rows that fell into the rest partition move to the partition of their month when that is created', async () => {
    const month = (await partitions()).at(-2) ?? '';
    await database.pool.query(`drop table ${month}`);
    const at = `${month.slice(-7).replace('_', '-')}-09T12:00:00Z`;
    const insert = "insert into audit_log (created_at, action, payload, actor) values ($1, $2, '{}', 'x')";
    await database.pool.query(insert, [at, 'early']);
    const placeOf = (action: string) =>
      names(`select tableoid::regclass::text as name from audit_log where action = '${action}'`);
    expect(await placeOf('early')).toEqual(['audit_log_rest']);

    expect(await prepareAuditPartitions(database.pool)).toBe(0);
    expect(await placeOf('early')).toEqual([month]);
    await database.pool.query(insert, [at, 'later']);
    expect(await placeOf('later')).toEqual([month]);
    for (const table of ['audit_log', month, 'audit_log_rest']) {
      await expect(database.pool.query(`truncate ${table}`)).rejects.toThrow('append-only');
    }
    for (const change of ["update audit_log set actor = 'y'", 'delete from audit_log', `delete from ${month}`]) {
      await expect(database.pool.query(change)).rejects.toThrow('append-only');
    }
  });
});

describe('pruning', () => {
  const days = (n: number) => `now() - interval '${n} days'`;

  beforeEach(() =>
    database.pool.query(`
      truncate checks, surface_days, actor_history, answers, alert_identities, held_alerts, effects, sessions,
        spent_sign_ins, failed_attempts, alert_resolutions, unknown_resolutions, ticket_notes,
        shadow_tickets, shadow_messages, refusals, refusal_networks, refusal_sources, alert_days,
        silences, webhook_requests;
      delete from graphile_worker._private_jobs`),
  );

  it('deletes only rows that are old and finished', async () => {
    await database.pool.query(`
      insert into checks (surface_id, at, outcome) values ('old', ${days(31)}, 'up'), ('young', ${days(29)}, 'up');
      insert into actor_history (actor_id, rev, event, to_state, at)
        values ('old', 1, '{}', '{}', ${days(91)}), ('young', 1, '{}', '{}', ${days(89)});
      insert into answers (click_id, body, at) values ('old', '{}', ${days(91)}), ('young', '{}', ${days(89)});
      insert into alert_identities (alert_key, alert_id, alike, text, first_seen_at)
        values ('old', 'o', 'a', 't', ${days(91)}), ('young', 'y', 'a', 't', ${days(89)});
      insert into alert_resolutions (alert_key, alert_id, received_at, was_active)
        values ('old', 'o', ${days(2)}, true), ('young', 'y', ${days(0)}, true);
      insert into ticket_notes (id, ticket_id, phase, created_at)
        values ('old', 1, 'written', ${days(91)}), ('dropped', 1, 'planned', ${days(91)}), ('young', 1, 'written', ${days(89)});
      insert into shadow_tickets (id, source, subject, html, composed_at)
        values ('old', 's', 't', '', ${days(91)}), ('young', 's', 't', '', ${days(0)});
      insert into shadow_messages (id, thread, kind, source, message, composed_at)
        values ('old', 't', 'opened', 's', '{}', ${days(91)}), ('young', 't', 'opened', 's', '{}', ${days(0)});
      insert into alert_days (day, source, surface_id, severity, alerts)
        values (${days(401)}, 'old', '', 'P1', 1), (${days(399)}, 'young', '', 'P1', 1);
      insert into silences (matchers, reason, created_by, until, ends_at)
        values ('{}', 'r', 'b', ${days(91)}, ${days(91)}), ('{}', 'r', 'b', ${days(0)}, ${days(0)});
      insert into unknown_resolutions (alert_key, audited_at) values ('old', ${days(2)}), ('young', ${days(0)});
      insert into held_alerts (alert_key, episode, source, severity, title, since, reason, held_at, over, over_at) values
        ('old', 1, 's', 'P1', 't', now(), 'flag_off', ${days(92)}, 'ended', ${days(91)}),
        ('young', 1, 's', 'P1', 't', now(), 'flag_off', now(), 'ended', ${days(89)}),
        ('held', 1, 's', 'P1', 't', ${days(99)}, 'flag_off', ${days(99)}, null, null);
      insert into effects (id, actor_id, child_id, src, input, status, created_at, finished_at) values
        ('done', 'a', 'c', 's', '{}', 'done', ${days(99)}, ${days(91)}),
        ('cancelled', 'a', 'c', 's', '{}', 'cancelled', ${days(91)}, null),
        ('failed for good', 'a', 'c', 's', '{}', 'failed', ${days(99)}, ${days(91)}),
        ('done lately', 'a', 'c', 's', '{}', 'done', ${days(99)}, ${days(1)}),
        ('failed for now', 'a', 'c', 's', '{}', 'failed', ${days(99)}, null),
        ('dead', 'a', 'c', 's', '{}', 'dead', ${days(99)}, ${days(99)}),
        ('pending', 'a', 'c', 's', '{}', 'pending', ${days(99)}, null),
        ('running', 'a', 'c', 's', '{}', 'running', ${days(99)}, null)`);
    await database.pool.query(`
      insert into sessions (id, token_digest, subject, name, role, created_at, expires_at, ended_at) values
        ('expired', '1', 's', 'n', 'viewer', ${days(3)}, ${days(2)}, null),
        ('ended', '2', 's', 'n', 'viewer', ${days(3)}, now() + interval '1 day', ${days(0)}),
        ('alive', '3', 's', 'n', 'viewer', ${days(3)}, now() + interval '1 day', null);
      insert into spent_sign_ins (digest, at) values ('old', ${days(2)}), ('young', ${days(0)});
      insert into failed_attempts (network, began_at, failures) values ('192.0.2.1', ${days(2)}, 3), ('192.0.2.2', ${days(0)}, 3);
      insert into refusals (kind, hour, times, last_at)
        values ('csrf', ${days(31)}, 3, ${days(31)}), ('csrf', ${days(29)}, 3, ${days(29)});
      insert into refusal_networks (kind, network, times, first_at, last_at)
        values ('csrf', '192.0.2.1', 3, ${days(99)}, ${days(31)}), ('csrf', '192.0.2.2', 3, ${days(99)}, ${days(29)});
      insert into refusal_sources (source, kind, hour, times, last_at)
        values ('s', 'forbidden', ${days(2)}, 3, ${days(2)}), ('s', 'forbidden', ${days(0)}, 3, ${days(0)})`);
    await database.pool.query(`
      select graphile_worker.add_job('effect', '{}', job_key := key, run_at := ${days(2)})
        from unnest(array['spent', 'spent and at work', 'put off for long']) as key;
      update graphile_worker._private_jobs set attempts = max_attempts where key like 'spent%';
      update graphile_worker._private_jobs set locked_at = now() where key = 'spent and at work'`);
    await database.pool.query(`
      insert into webhook_requests (source, sender, method, body, bytes, status, finished_at) values
        ('done', 's', 'POST', '', 0, 'done', ${days(8)}),
        ('discarded', 's', 'POST', '', 0, 'discarded', ${days(8)}),
        ('done lately', 's', 'POST', '', 0, 'done', ${days(6)}),
        ('dead', 's', 'POST', '', 0, 'dead', ${days(99)}),
        ('waiting', 's', 'POST', '', 0, 'waiting', null)`);
    await appendAudit(database.pool, [{ action: 'a', payload: {}, actor: 'b' }]);

    expect(await prune(database.pool, { checksDays: 30, historyDays: 90 })).toEqual({
      checks: 1,
      days: 0,
      alertDays: 1,
      history: 1,
      effects: 3,
      answers: 1,
      held: 1,
      notes: 2,
      shadowTickets: 1,
      shadowMessages: 1,
      silences: 1,
      resolutions: 1,
      unknownResolutions: 1,
      identities: 1,
      sessions: 1,
      signIns: 1,
      failedAttempts: 1,
      refusals: 1,
      refusalNetworks: 1,
      refusalSources: 1,
      webhooks: 2,
      jobs: 1,
    });

    expect(await names('select id as name from sessions order by id')).toEqual(['alive', 'ended']);
    expect(await names('select surface_id as name from checks')).toEqual(['young']);
    expect(await names('select id as name from ticket_notes')).toEqual(['young']);
    expect(await names('select actor_id as name from actor_history')).toEqual(['young']);
    expect(await names('select click_id as name from answers')).toEqual(['young']);
    const requests = await names('select source as name from webhook_requests order by 1');
    expect(requests).toEqual(['dead', 'done lately', 'waiting']);
    expect(await names('select alert_key as name from held_alerts order by 1')).toEqual(['held', 'young']);
    expect(await names('select id as name from effects order by id')).toEqual([
      'dead',
      'done lately',
      'failed for now',
      'pending',
      'running',
    ]);
    expect(await names('select key as name from graphile_worker._private_jobs order by key')).toEqual([
      'put off for long',
      'spent and at work',
    ]);
    expect(await names("select action as name from audit_log where actor = 'b'")).toEqual(['a']);
  });

  it('keeps the resolutions of a source that are later than a request that waits or is a dead letter', async () => {
    await database.pool.query(`
      insert into alert_resolutions (alert_key, alert_id, received_at, was_active) values
        ('broken:before', 'b', ${days(5)}, true), ('broken:after', 'a', ${days(3)}, true),
        ('slow:after', 'a', ${days(3)}, true), ('fine:after', 'a', ${days(3)}, true);
      insert into webhook_requests (source, sender, method, body, bytes, status, received_at, finished_at) values
        ('broken', 's', 'POST', '', 0, 'dead', ${days(2)}, now()), ('broken', 's', 'POST', '', 0, 'dead', ${days(4)}, now()),
        ('slow', 's', 'POST', '', 0, 'waiting', ${days(4)}, null),
        ('fine', 's', 'POST', '', 0, 'done', ${days(4)}, now()), ('fine', 's', 'POST', '', 0, 'discarded', ${days(4)}, now())`);
    const kept = () => names('select alert_key as name from alert_resolutions order by 1');
    expect(await prune(database.pool, { checksDays: 30, historyDays: 90 })).toMatchObject({ resolutions: 2 });
    expect(await kept()).toEqual(['broken:after', 'slow:after']);

    await database.pool.query(
      "update webhook_requests set status = 'done', finished_at = now() where status <> 'discarded'",
    );
    await prune(database.pool, { checksDays: 30, historyDays: 90 });
    expect(await kept()).toEqual([]);
  });

  it('deletes in batches until nothing is left', async () => {
    await database.pool.query(
      `insert into checks (surface_id, at, outcome) select 'many', ${days(400)}, 'up' from generate_series(1, 25)`,
    );
    expect(await prune(database.pool, { checksDays: 30, historyDays: 90 }, { batch: 10 })).toMatchObject({
      checks: 25,
    });
  });

  describe('a table whose rows cannot be deleted', () => {
    let failures: unknown[];
    const onFailure = (table: string, error: unknown) => failures.push([table, (error as { code?: string }).code]);
    beforeEach(async () => {
      failures = [];
      await database.pool.query(`
        insert into checks (surface_id, at, outcome) values ('kept', ${days(400)}, 'up');
        insert into failed_attempts (network, began_at, failures) values ('192.0.2.7', ${days(2)}, 3)`);
    });

    it('is reported, and the others are pruned, when it is locked', async () => {
      const locker = await database.pool.connect();
      await locker.query('begin; set local idle_in_transaction_session_timeout = 0; lock table checks');
      const pruned = await prune(database.pool, { checksDays: 30, historyDays: 90 }, { onFailure });
      await locker.query('rollback');
      locker.release();
      expect(pruned).toMatchObject({ checks: 0, failedAttempts: 1 });
      expect(failures).toEqual([['checks', '55P03']]);
    });

    it('is reported, and the others are pruned, when it is slow', async () => {
      await database.pool.query(`
        create function stand_still() returns trigger language plpgsql as 'begin perform pg_sleep(3600); return null; end';
        create trigger slow before delete on checks for each statement execute function stand_still()`);
      // Postgres ends a statement that takes longer, which is the event that this test waits for.
      const limits = { connectMs: WAIT_TIMEOUT_MS, statementMs: 3_000 };
      const pool = createPool(database.url, 1, createLog({ level: 'silent' }), limits);
      try {
        const pruned = await prune(pool, { checksDays: 30, historyDays: 90 }, { onFailure });
        expect(pruned).toMatchObject({ checks: 0, failedAttempts: 1 });
        expect(failures).toContainEqual(['checks', '57014']);
      } finally {
        await pool.end();
        await database.pool.query('drop function stand_still cascade');
      }
    });
  });

  it('keeps everything at zero days, and stops at an abort signal', async () => {
    await database.pool.query(`insert into checks (surface_id, at, outcome) values ('kept', ${days(400)}, 'up')`);
    expect(await prune(database.pool, { checksDays: 0, historyDays: 0 })).toEqual({
      checks: 0,
      days: 1,
      alertDays: 0,
      history: 0,
      effects: 0,
      answers: 0,
      held: 0,
      notes: 0,
      shadowTickets: 0,
      shadowMessages: 0,
      silences: 0,
      resolutions: 0,
      unknownResolutions: 0,
      identities: 0,
      sessions: 0,
      signIns: 0,
      failedAttempts: 0,
      refusals: 0,
      refusalNetworks: 0,
      refusalSources: 0,
      webhooks: 0,
      jobs: 0,
    });
    const stopped = { signal: AbortSignal.abort() };
    expect(await prune(database.pool, { checksDays: 30, historyDays: 90 }, stopped)).toMatchObject({ checks: 0 });
  });
});
