import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leaveInInbox } from '../../src/actors/enqueue.ts';
import { repairStuckActors } from '../../src/actors/repair/stuckActors.ts';
import { registry } from '../../src/app/machineRegistry.ts';
import { transaction } from '../../src/db/pool.ts';
import { eventually } from '../support/eventually.ts';
import { type ReconcileEnvironment, startReconcileEnvironment } from '../support/reconcileEnvironment.ts';

/** Actors that wait for something which nobody does any more, each broken by hand in the database. */

let house: ReconcileEnvironment;
beforeEach(async () => {
  house = await startReconcileEnvironment();
});
afterEach(() => house.close());

const jobsLike = async (key: string): Promise<number> =>
  (await house.pool.query('select 1 from graphile_worker._private_jobs where key like $1', [key])).rowCount ?? 0;

const loseJob = (key: string) => house.pool.query('delete from graphile_worker._private_jobs where key = $1', [key]);

const tickets = () => house.tickets().map(({ subject }) => subject.slice(16));

test('what fits together is left alone, and nothing is said of it', async () => {
  await house.emit('calm');
  expect(await house.run()).toStrictEqual({});
  expect(await house.audited()).toStrictEqual([]);
  expect(house.said).toStrictEqual([]);
});

test('an effect whose job vanished gets a new one, and the ticket is filed once', async () => {
  await house.emit('jobless');
  await loseJob('effect:alert:monitor:jobless:1:file');
  expect(await house.run()).toStrictEqual({ effect_requeued: 1 });
  expect(await house.run()).toStrictEqual({});
  expect(await house.audited()).toStrictEqual([
    {
      action: 'console.reconcile.effect_requeued',
      payload: { actor_id: 'alert:monitor:jobless', effect_id: 'alert:monitor:jobless:1:file' },
    },
  ]);
  house.process();
  await eventually(() => expect(tickets()).toStrictEqual(['P1: Trouble with jobless']));
});

test('a job that failed for the last time is as good as gone', async () => {
  await house.emit('worn-out');
  await house.pool.query(
    "update graphile_worker._private_jobs set attempts = max_attempts where key like 'effect:%:file'",
  );
  expect(await house.run()).toStrictEqual({ effect_requeued: 1 });
  house.process();
  await eventually(() => expect(tickets()).toStrictEqual(['P1: Trouble with worn-out']));
});

test.each([
  ['vanished', "delete from effects where child_id = 'file'"],
  ['died unheard', "update effects set status = 'dead', finished_at = now() where child_id = 'file'"],
])('an effect that %s is asked for again, and the ticket is filed once', async (_how, damage) => {
  await house.emit('gone');
  await house.pool.query(damage);
  await loseJob('effect:alert:monitor:gone:1:file');
  expect(await house.run()).toStrictEqual({ effect_restarted: 1 });
  expect(await house.run()).toStrictEqual({});
  house.process();
  await eventually(() => expect(tickets()).toStrictEqual(['P1: Trouble with gone']));
  await eventually(async () => expect((await house.stateOf('alert:monitor:gone'))?.state.ticket).toBe('ticketed'));
  expect(await house.audit('console.alerts.ticket_filed')).toHaveLength(1);
  expect((await house.pool.query("select 1 from effects where status = 'dead'")).rowCount).toBe(0);
});

test('an effect that vanished after it had filed finds its ticket and files no second one', async () => {
  await house.emit('half-done');
  const one = house.process();
  await eventually(async () => expect((await house.stateOf('alert:monitor:half-done'))?.state.ticket).toBe('ticketed'));
  await one.stop();
  // As a backup of the actors would bring it back, taken a moment before the answer.
  await house.pool.query(
    `update actors set rev = 1, state = jsonb_set(state, '{ticket}', '"filing"'), snapshot = (
       select jsonb_set(jsonb_set(jsonb_set(snapshot, '{value,ticket}', '"filing"'), '{children,file}',
           '{"src":"fileTicket","snapshot":{"status":"active","input":{"filingId":"alert:monitor:half-done:1","probe":false}}}'),
         '{context}', snapshot->'context' || '{"ticket":null,"filing":{"filingId":"alert:monitor:half-done:1","episode":1,"severity":"P1","over":null}}'))`,
  );
  expect(await house.run()).toStrictEqual({ effect_restarted: 1 });
  house.process();
  await eventually(async () => expect((await house.stateOf('alert:monitor:half-done'))?.state.ticket).toBe('ticketed'));
  expect(tickets()).toHaveLength(1);
});

describe('a timer', () => {
  const TIMER = 'xstate.after.untilMaintenanceEnds.surface.maintenance.on';

  beforeEach(async () => {
    await house.surfaces({ id: 'api' });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await house.deliver([
      { to: 'surface:api', event: { type: 'MAINTENANCE_SET', until, reason: 'new disks', by: 'mia' } },
    ]);
  });

  test('whose job vanished gets a new one for the same instant', async () => {
    const due = async () =>
      (await house.pool.query('select run_at from graphile_worker._private_jobs')).rows[0]?.run_at;
    const before = await due();
    await house.pool.query('delete from graphile_worker._private_jobs');
    expect(await house.run()).toStrictEqual({ timer_requeued: 1 });
    expect(await due()).toStrictEqual(before);
    expect(await house.run()).toStrictEqual({});
  });

  test('that vanished as a whole is armed anew, so that the state ends all the same', async () => {
    await house.pool.query('delete from timers');
    await house.pool.query('delete from graphile_worker._private_jobs');
    expect(await house.run()).toStrictEqual({ timer_restarted: 1 });
    expect(await house.run()).toStrictEqual({});
    house.process();
    await house.hurry(`timer:surface:api:${TIMER}`);
    await eventually(async () => expect((await house.stateOf('surface:api'))?.state.maintenance).toBe('off'));
  });

  test('that fired and was turned down is not armed again', async () => {
    await house.deliver([{ to: 'helpdesk', event: { type: 'FAILED', who: null, problem: 'unavailable' } }]);
    await house.pool.query(
      `update actors set state = jsonb_set(state, '{failing,tries}', '"free"'),
         snapshot = jsonb_set(snapshot, '{value,failing,tries}', '"free"') where id = 'helpdesk'`,
    );
    await house.pool.query("delete from timers where timer_id like '%pausing'");
    expect(await house.run()).toStrictEqual({});
  });
});

test('an active alert about whose ticket nothing was decided is decided upon by its machine', async () => {
  await house.emit('forgotten');
  await house.pool.query("delete from effects where child_id = 'file'");
  await loseJob('effect:alert:monitor:forgotten:1:file');
  await house.pool.query('delete from filings');
  await house.pool.query(
    `update actors set state = jsonb_set(state, '{ticket}', '"none"'),
       snapshot = jsonb_set(snapshot, '{value,ticket}', '"none"') #- '{children,file}' || '{}'`,
  );
  expect(await house.run({ isAutoTicketOn: async () => false })).toStrictEqual({});
  expect(await house.run()).toStrictEqual({ alert_reconsidered: 1 });
  expect(await house.run()).toStrictEqual({});
  expect(await house.audited()).toStrictEqual([
    {
      action: 'console.reconcile.alert_reconsidered',
      payload: { alert_key: 'monitor:forgotten', severity: 'P1' },
    },
  ]);
  house.process();
  await eventually(() => expect(tickets()).toStrictEqual(['P1: Trouble with forgotten']));
});

describe('messages that lie in an inbox', () => {
  const member = { alertKey: 'monitor:lost', severity: 'P1', title: 'Trouble with lost' };
  const leave = (to: string, eventId: string) =>
    transaction(house.pool, (client) =>
      leaveInInbox(client, [{ to, event: { type: 'TICKET_MEMBER', member }, eventId }]),
    );
  const loseJobs = () => house.pool.query('delete from graphile_worker._private_jobs');
  const wait = (seconds: number) =>
    house.pool.query("update inbox set left_at = left_at - $1 * interval '1 second'", [seconds]);
  const left = async () => (await house.pool.query('select 1 from inbox')).rowCount;

  test('and whose job vanished are taken to their actor, once each', async () => {
    await leave('umbrella:monitor', 'first');
    await leave('umbrella:monitor', 'second');
    await loseJobs();
    await wait(61);
    expect(await house.run()).toStrictEqual({ inbox_requeued: 1 });
    expect(await house.run()).toStrictEqual({});
    expect(await house.audited()).toStrictEqual([
      { action: 'console.reconcile.inbox_requeued', payload: { actor_id: 'umbrella:monitor', messages: 2 } },
    ]);
    house.process();
    await eventually(() => expect(tickets()).toStrictEqual(['STORM: many alerts from monitor']));
    expect(await left()).toBe(0);
    expect((await house.stateOf('umbrella:monitor'))?.context).toMatchObject({ count: 2 });
  });

  test('are given time, and are left alone while their job is there', async () => {
    await leave('umbrella:monitor', 'queued');
    await wait(3_600);
    expect(await house.run()).toStrictEqual({});
    await loseJobs();
    await house.pool.query('update inbox set left_at = now()');
    expect(await house.run()).toStrictEqual({});
    await wait(61);
    // That of another inbox is of no use to this one.
    await leave('umbrella:other', 'elsewhere');
    expect(await house.run()).toStrictEqual({ inbox_requeued: 1 });
  });

  test('and whose job failed for the last time get another', async () => {
    await leave('helpdesk', 'worn-out');
    await house.pool.query('update graphile_worker._private_jobs set attempts = max_attempts');
    await wait(61);
    expect(await house.run()).toStrictEqual({ inbox_requeued: 1 });
    house.process();
    await eventually(async () => expect(await left()).toBe(0));
  });

  test('for an actor of a kind that only a newer release knows are left to that release', async () => {
    await leave('tomorrow:one', 'unknown');
    await loseJobs();
    await wait(61);
    expect(await house.run()).toStrictEqual({});
  });

  test('get one job, however many reconcilers run and whoever takes them meanwhile', async () => {
    for (let n = 0; n < 30; n++) await leave('umbrella:monitor', `many-${n}`);
    await loseJobs();
    await wait(61);
    const one = house.process();
    await Promise.all(Array.from({ length: 4 }, () => repairStuckActors(house.pool, registry, async () => undefined)));
    await Promise.all(Array.from({ length: 4 }, () => repairStuckActors(house.pool, registry, async () => undefined)));
    await eventually(async () => expect(await left()).toBe(0));
    await house.settled();
    await one.stop();
    const arrived = await house.pool.query(
      "select event_id from actor_history where actor_id = 'umbrella:monitor' and event_id like 'many-%'",
    );
    expect(arrived.rowCount).toBe(30);
    expect(house.tickets()).toHaveLength(1);
  });
});

test('a parked actor is reported once, and again when it is parked again', async () => {
  await house.emit('broken');
  await house.pool.query("update actors set parked = 'it does not restore'");
  await house.pool.query('delete from graphile_worker._private_jobs');
  expect(await house.run()).toStrictEqual({ actor_parked: 1 });
  expect(await house.run()).toStrictEqual({});
  expect(await jobsLike('effect:%')).toBe(0);
  await house.pool.query('update actors set parked = null');
  expect(await house.run()).toStrictEqual({ effect_requeued: 2 });
  await house.pool.query("update actors set parked = 'once more'");
  expect(await house.run()).toStrictEqual({ actor_parked: 1 });
});

test('an actor of a newer release is left to that release', async () => {
  await house.emit('newer');
  await house.pool.query('update actors set version = 99');
  await house.pool.query('delete from graphile_worker._private_jobs');
  expect(await house.run()).toStrictEqual({});
});

test('a run that does something says so in one line, which no runbook takes for a ticket', async () => {
  await house.emit('said');
  await house.pool.query('delete from graphile_worker._private_jobs');
  await house.run();
  expect(house.said).toMatchObject([{ level: 'INFO', msg: 'reconciler', effect_requeued: 2 }]);
  expect(JSON.stringify(house.said)).not.toMatch(/freescout|auto_ticket|investigate|ticket_filed/i);
  expect(house.told).toStrictEqual({ effect_requeued: 2 });
});

test('two processes at once mend it once', async () => {
  for (let n = 0; n < 20; n++) await house.emit(`many-${n}`);
  await house.pool.query("delete from effects where child_id = 'file'");
  await house.pool.query('delete from graphile_worker._private_jobs');
  await Promise.all(Array.from({ length: 4 }, () => house.reconciler().run()));
  expect(house.told).toStrictEqual({ effect_restarted: 20, effect_requeued: 20 });
  expect(await house.audited()).toHaveLength(40);
  house.process();
  await eventually(() => expect(tickets()).toHaveLength(20));
  await house.settled();
  expect(tickets()).toHaveLength(20);
});
