import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leaveInInbox } from '../../src/actors/enqueue.ts';
import { repairStuckActors } from '../../src/actors/repair/stuckActors.ts';
import { registry } from '../../src/app/machineRegistry.ts';
import { createPool, transaction } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { eventually } from '../support/eventually.ts';
import { type ReconcileEnvironment, startReconcileEnvironment } from '../support/reconcileEnvironment.ts';
import { WAIT_TIMEOUT_MS } from '../support/waitTimeout.ts';

/** Actors that wait for something which nobody does any more, each broken by hand in the database. */

let environment: ReconcileEnvironment;
beforeEach(async () => {
  environment = await startReconcileEnvironment();
});
afterEach(() => environment.close());

const jobsLike = async (key: string): Promise<number> =>
  (await environment.pool.query('select 1 from graphile_worker._private_jobs where key like $1', [key])).rowCount ?? 0;

const loseJob = (key: string) =>
  environment.pool.query('delete from graphile_worker._private_jobs where key = $1', [key]);

const tickets = () => environment.tickets().map(({ subject }) => subject.slice(16));

test('a run without discrepancies changes and reports nothing', async () => {
  await environment.emit('calm');
  expect(await environment.run()).toStrictEqual({});
  expect(await environment.audited()).toStrictEqual([]);
  expect(environment.said).toStrictEqual([]);
});

test('an effect whose job is missing gets a new job, and the ticket is filed once', async () => {
  await environment.emit('jobless');
  await loseJob('effect:alert:monitor:jobless:1:file');
  expect(await environment.run()).toStrictEqual({ effect_requeued: 1 });
  expect(await environment.run()).toStrictEqual({});
  expect(await environment.audited()).toStrictEqual([
    {
      action: 'console.reconcile.effect_requeued',
      payload: { actor_id: 'alert:monitor:jobless', effect_id: 'alert:monitor:jobless:1:file' },
    },
  ]);
  environment.process();
  await eventually(() => expect(tickets()).toStrictEqual(['P1: Trouble with jobless']));
});

test('a job whose attempts are used up counts as missing', async () => {
  await environment.emit('worn-out');
  await environment.pool.query(
    "update graphile_worker._private_jobs set attempts = max_attempts where key like 'effect:%:file'",
  );
  expect(await environment.run()).toStrictEqual({ effect_requeued: 1 });
  environment.process();
  await eventually(() => expect(tickets()).toStrictEqual(['P1: Trouble with worn-out']));
});

test.each([
  ['vanished', "delete from effects where child_id = 'file'"],
  ['died unheard', "update effects set status = 'dead', finished_at = now() where child_id = 'file'"],
])('an effect that %s is asked for again, and the ticket is filed once', async (_how, damage) => {
  await environment.emit('gone');
  await environment.pool.query(damage);
  await loseJob('effect:alert:monitor:gone:1:file');
  expect(await environment.run()).toStrictEqual({ effect_restarted: 1 });
  expect(await environment.run()).toStrictEqual({});
  const restarted = "select 1 from effects where status = 'pending' and id like '%:file'";
  expect((await environment.pool.query(restarted)).rowCount).toBe(1);
  environment.process();
  await eventually(() => expect(tickets()).toStrictEqual(['P1: Trouble with gone']));
  await eventually(async () =>
    expect((await environment.stateOf('alert:monitor:gone'))?.state.ticket).toBe('ticketed'),
  );
  expect(await environment.audit('console.alerts.ticket_filed')).toHaveLength(1);
  expect((await environment.pool.query("select 1 from effects where status = 'dead'")).rowCount).toBe(0);
});

test('a missing effect that had filed is restarted, finds its ticket and files no second one', async () => {
  await environment.emit('half-done');
  const one = environment.process();
  await eventually(async () =>
    expect((await environment.stateOf('alert:monitor:half-done'))?.state.ticket).toBe('ticketed'),
  );
  await one.stop();
  // As a backup of the actors would bring it back, taken a moment before the answer.
  await environment.pool.query(
    `update actors set rev = 1, state = jsonb_set(state, '{ticket}', '"filing"'), snapshot = (
       select jsonb_set(jsonb_set(jsonb_set(snapshot, '{value,ticket}', '"filing"'), '{children,file}',
           '{"src":"fileTicket","snapshot":{"status":"active","input":{"filingId":"alert:monitor:half-done:1","probe":false}}}'),
         '{context}', snapshot->'context' || '{"ticket":null,"filing":{"filingId":"alert:monitor:half-done:1","episode":1,"severity":"P1","over":null}}'))`,
  );
  expect(await environment.run()).toStrictEqual({ effect_restarted: 1 });
  environment.process();
  await eventually(async () =>
    expect((await environment.stateOf('alert:monitor:half-done'))?.state.ticket).toBe('ticketed'),
  );
  expect(tickets()).toHaveLength(1);
});

describe('a timer', () => {
  const TIMER = 'xstate.after.untilMaintenanceEnds.surface.maintenance.on';

  beforeEach(async () => {
    await environment.surfaces({ id: 'api' });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await environment.deliver([
      { to: 'surface:api', event: { type: 'MAINTENANCE_SET', until, reason: 'new disks', by: 'mia' } },
    ]);
  });

  test('a timer whose job is missing gets a new job for the same instant', async () => {
    const due = async () =>
      (await environment.pool.query('select run_at from graphile_worker._private_jobs')).rows[0]?.run_at;
    const before = await due();
    await environment.pool.query('delete from graphile_worker._private_jobs');
    expect(await environment.run()).toStrictEqual({ timer_requeued: 1 });
    expect(await due()).toStrictEqual(before);
    expect(await environment.run()).toStrictEqual({});
  });

  test('a missing timer is armed again, so that its state ends', async () => {
    await environment.pool.query('delete from timers');
    await environment.pool.query('delete from graphile_worker._private_jobs');
    expect(await environment.run()).toStrictEqual({ timer_restarted: 1 });
    expect(await environment.run()).toStrictEqual({});
    // The window is over when the timer fires.
    await environment.pool.query(
      `update actors set snapshot = jsonb_set(snapshot, '{context,maintenance,until}', '"2026-01-01T00:00:00.000Z"')
       where id = 'surface:api'`,
    );
    environment.process();
    await environment.hurry(`timer:surface:api:${TIMER}`);
    await eventually(async () => expect((await environment.stateOf('surface:api'))?.state.maintenance).toBe('off'));
  });
});

test('an active alert without a decision about its ticket is decided by its machine', async () => {
  await environment.emit('forgotten');
  await environment.pool.query("delete from effects where child_id = 'file'");
  await loseJob('effect:alert:monitor:forgotten:1:file');
  await environment.pool.query('delete from filings');
  await environment.pool.query(
    `update actors set state = jsonb_set(state, '{ticket}', '"none"'),
       snapshot = jsonb_set(snapshot, '{value,ticket}', '"none"') #- '{children,file}' || '{}'`,
  );
  expect(await environment.run({ isAutoTicketOn: async () => false })).toStrictEqual({});
  expect(await environment.run()).toStrictEqual({ alert_reconsidered: 1 });
  expect(await environment.run()).toStrictEqual({});
  expect(await environment.audited()).toStrictEqual([
    {
      action: 'console.reconcile.alert_reconsidered',
      payload: { alert_key: 'monitor:forgotten', severity: 'P1' },
    },
  ]);
  environment.process();
  await eventually(() => expect(tickets()).toStrictEqual(['P1: Trouble with forgotten']));
});

describe('messages in an inbox', () => {
  const member = { alertKey: 'monitor:lost', severity: 'P1', title: 'Trouble with lost' };
  const leave = (to: string, eventId: string) =>
    transaction(environment.pool, (client) =>
      leaveInInbox(client, [{ to, event: { type: 'TICKET_MEMBER', member }, eventId }]),
    );
  const loseJobs = () => environment.pool.query('delete from graphile_worker._private_jobs');
  const wait = (seconds: number) =>
    environment.pool.query("update inbox set left_at = left_at - $1 * interval '1 second'", [seconds]);
  const left = async () => (await environment.pool.query('select 1 from inbox')).rowCount;

  test('inbox messages whose job is missing are delivered once each', async () => {
    await leave('umbrella:monitor', 'first');
    await leave('umbrella:monitor', 'second');
    await loseJobs();
    await wait(61);
    expect(await environment.run()).toStrictEqual({ inbox_requeued: 1 });
    expect(await environment.run()).toStrictEqual({});
    expect(await environment.audited()).toStrictEqual([
      { action: 'console.reconcile.inbox_requeued', payload: { actor_id: 'umbrella:monitor', messages: 2 } },
    ]);
    environment.process();
    await eventually(() => expect(tickets()).toStrictEqual(['STORM: many alerts from monitor']));
    expect(await left()).toBe(0);
    expect((await environment.stateOf('umbrella:monitor'))?.context).toMatchObject({ count: 2 });
  });

  test('new inbox messages, and those with a job, are left alone', async () => {
    await leave('umbrella:monitor', 'queued');
    await wait(3_600);
    expect(await environment.run()).toStrictEqual({});
    await loseJobs();
    await environment.pool.query('update inbox set left_at = now()');
    expect(await environment.run()).toStrictEqual({});
    await wait(61);
    // That of another inbox is of no use to this one.
    await leave('umbrella:other', 'elsewhere');
    expect(await environment.run()).toStrictEqual({ inbox_requeued: 1 });
  });

  test('and whose job failed for the last time get another', async () => {
    await leave('helpdesk', 'worn-out');
    await environment.pool.query('update graphile_worker._private_jobs set attempts = max_attempts');
    await wait(61);
    expect(await environment.run()).toStrictEqual({ inbox_requeued: 1 });
    environment.process();
    await eventually(async () => expect(await left()).toBe(0));
  });

  test('inbox messages for a kind of actor that only a newer release knows are left to that release', async () => {
    await leave('tomorrow:one', 'unknown');
    await loseJobs();
    await wait(61);
    expect(await environment.run()).toStrictEqual({});
  });

  test('get one job, however many reconcilers run and whoever takes them meanwhile', async () => {
    for (let n = 0; n < 30; n++) await leave('umbrella:monitor', `many-${n}`);
    await loseJobs();
    await wait(61);
    const one = environment.process();
    // On a busy machine the last of four waits for its turn for longer than a process waits for a lock.
    const limits = { connectMs: WAIT_TIMEOUT_MS, statementMs: WAIT_TIMEOUT_MS };
    const pool = createPool(environment.url, 4, createLog({ level: 'silent' }), limits);
    pool.on('connect', (client) => void client.query('set lock_timeout = 0'));
    const fourTimes = () =>
      Promise.all(Array.from({ length: 4 }, () => repairStuckActors(pool, registry, async () => undefined)));
    await fourTimes();
    await fourTimes();
    await pool.end();
    await eventually(async () => expect(await left()).toBe(0));
    await environment.settled();
    await one.stop();
    const arrived = await environment.pool.query(
      "select event_id from actor_history where actor_id = 'umbrella:monitor' and event_id like 'many-%'",
    );
    expect(arrived.rowCount).toBe(30);
    expect(environment.tickets()).toHaveLength(1);
  });
});

test('a parked actor is reported once, and again when it is parked again', async () => {
  await environment.emit('broken');
  await environment.pool.query("update actors set parked = 'it does not restore'");
  await environment.pool.query('delete from graphile_worker._private_jobs');
  expect(await environment.run()).toStrictEqual({ actor_parked: 1 });
  expect(await environment.run()).toStrictEqual({});
  expect(await jobsLike('effect:%')).toBe(0);
  await environment.pool.query('update actors set parked = null');
  expect(await environment.run()).toStrictEqual({ effect_requeued: 2 });
  await environment.pool.query("update actors set parked = 'once more'");
  expect(await environment.run()).toStrictEqual({ actor_parked: 1 });
});

test('an actor of a newer release is left to that release', async () => {
  await environment.emit('newer');
  await environment.pool.query('update actors set version = 99');
  await environment.pool.query('delete from graphile_worker._private_jobs');
  expect(await environment.run()).toStrictEqual({});
});

test('a run that does something says so in one line, which no runbook takes for a ticket', async () => {
  await environment.emit('said');
  await environment.pool.query('delete from graphile_worker._private_jobs');
  await environment.run();
  expect(environment.said).toMatchObject([{ level: 'INFO', msg: 'reconciler', effect_requeued: 2 }]);
  expect(JSON.stringify(environment.said)).not.toMatch(/freescout|auto_ticket|investigate|ticket_filed/i);
  expect(environment.told).toStrictEqual({ effect_requeued: 2 });
});

test('two processes at once mend it once', async () => {
  for (let n = 0; n < 20; n++) await environment.emit(`many-${n}`);
  await environment.pool.query("delete from effects where child_id = 'file'");
  await environment.pool.query('delete from graphile_worker._private_jobs');
  await Promise.all(Array.from({ length: 4 }, () => environment.reconciler().run()));
  expect(environment.told).toStrictEqual({ effect_restarted: 20, effect_requeued: 20 });
  expect(await environment.audited()).toHaveLength(40);
  environment.process();
  await eventually(() => expect(tickets()).toHaveLength(20));
  await environment.settled();
  expect(tickets()).toHaveLength(20);
});
