import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { recordChecks } from '../../src/surfaces/checks.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
let run = 0;
beforeAll(async () => {
  environment = await startEnvironment({ FLAP_MAX_EPISODES: '50', STORM_MAX_TICKETS: '100' });
  one = environment.process();
});
beforeEach(() => {
  run += 1;
});
afterAll(() => environment.close());

/** Every test has surfaces of its own. */
const named = (name: string) => `${name}-${run}`;

/** Surfaces that depend on each other; two failures in a row open an outage, one success closes it. */
const watch = (dependencies: Record<string, string[]>, more: Record<string, Record<string, unknown>> = {}) =>
  environment.surfaces(
    ...Object.entries(dependencies).map(([name, on]) => ({
      id: named(name),
      depends_on: on.map(named),
      failures_to_open: 2,
      successes_to_close: 1,
      ...more[name],
    })),
  );

/** Records checks and delivers them to the surface, as the poller does. */
async function check(name: string, ...outcomes: ('up' | 'slow' | 'down')[]): Promise<void> {
  const surfaceId = named(name);
  const { rows } = await environment.pool.query<{ config: Record<string, unknown> }>(
    'select config from surfaces where id = $1',
    [surfaceId],
  );
  const { failuresToOpen, successesToClose, severity } = rows[0]?.config ?? {};
  for (const outcome of outcomes) {
    const error = outcome === 'up' ? null : 'HTTP 500';
    await recordChecks(environment.pool, [
      { surfaceId, at: new Date(), outcome, latencyMs: 1, httpStatus: 500, error },
    ]);
    const event = { type: 'CHECKED', outcome, error, name: surfaceId, failuresToOpen, successesToClose, severity };
    await one.deliver([{ to: `surface:${surfaceId}`, event }]);
  }
}

const tickets = (name: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`(${named(name)})`));
const notes = (name: string) => environment.notes(tickets(name)[0]?.id);
const openings = (name: string) => environment.openings().filter(({ text }) => text.includes(`${named(name)} is`));
const skipped = async (name: string) => {
  const { rows } = await environment.pool.query<{ reason: string }>(
    `select payload->>'reason' as reason from audit_log
     where action = 'console.alerts.ticket_skipped' and payload->>'alert_key' in
       (select snapshot->'context'->>'alertKey' from actors where snapshot->'context'->>'surfaceId' = $1) order by id`,
    [named(name)],
  );
  return rows.map(({ reason }) => reason);
};

it('during an upstream outage a surface sends a message, gets no ticket, and is listed once on the upstream ticket', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down', 'down');
  await check('api', 'up', 'down', 'down', 'down', 'down');
  await environment.settled();
  await eventually(() => expect(notes('network')).toEqual([expect.stringContaining(`${named('api')} is DOWN`)]));
  await check('api', 'down');
  await environment.settled();
  expect(tickets('network')).toHaveLength(1);
  expect(tickets('api')).toEqual([]);
  expect(openings('api')).toHaveLength(1);
  expect(await skipped('api')).toEqual(['dependency']);
  expect(notes('network')).toHaveLength(1);
});

it('after the upstream recovery a surface that fails two more checks is filed, after a restart too', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down', 'down');
  await check('api', 'up', 'down', 'down');
  await environment.settled();
  await one.stop();
  one = environment.process();
  await check('api', 'down');
  await environment.settled();
  expect(tickets('api')).toEqual([]);
  await check('network', 'up');
  await environment.settled();
  expect(tickets('api')).toEqual([]);
  await check('api', 'down', 'down');
  await environment.settled();
  expect(tickets('api')).toHaveLength(1);
  expect(openings('api')).toHaveLength(1);
});

it('a surface that recovers a check later than the surface upstream of it is never filed', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down', 'down');
  await check('api', 'up', 'down', 'down');
  await check('network', 'up');
  await check('api', 'down');
  await environment.settled();
  await check('api', 'up');
  await environment.settled();
  expect(tickets('api')).toEqual([]);
  expect(await skipped('api')).toEqual(['dependency']);
});

it('a surface does not wait for an upstream recovery that lies ahead because the clock was set back', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down', 'down');
  await check('api', 'up', 'down', 'down');
  await check('network', 'up');
  await environment.pool.query(
    "update actors set snapshot = jsonb_set(snapshot, '{context,since}', to_jsonb($2::text)) where id = $1",
    [`surface:${named('network')}`, new Date(Date.now() + 3_600_000).toISOString()],
  );
  await check('api', 'down');
  await environment.settled();
  expect(tickets('api')).toHaveLength(1);
});

it('a surface that recovers during the upstream outage is never filed', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down', 'down');
  await check('api', 'up', 'down', 'down');
  await check('api', 'up');
  await check('network', 'up');
  await environment.settled();
  expect(tickets('api')).toEqual([]);
});

it('an outage that is confirmed first waits while the upstream failure is unconfirmed', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down');
  await check('api', 'up', 'down', 'down');
  await environment.settled();
  expect(tickets('api')).toEqual([]);
  await check('network', 'down');
  await check('api', 'down');
  await environment.settled();
  expect(tickets('network')).toHaveLength(1);
  expect(tickets('api')).toEqual([]);
  await eventually(() => expect(notes('network')).toHaveLength(1));
});

it('an outage is filed at its next emission when the unconfirmed upstream failure disappears', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down');
  await check('api', 'up', 'down', 'down');
  await environment.settled();
  await check('network', 'up');
  await check('api', 'down');
  await environment.settled();
  expect(tickets('api')).toHaveLength(1);
});

it('in a chain of dependencies the first outage suppresses all others and lists them on its ticket', async () => {
  await watch({ network: [], gateway: ['network'], api: ['gateway'] });
  await check('network', 'up', 'down', 'down');
  await check('gateway', 'up', 'down', 'down');
  await check('api', 'up', 'down', 'down');
  await environment.settled();
  expect([...tickets('gateway'), ...tickets('api')]).toEqual([]);
  await eventually(async () => {
    await one.reviewSuppressed();
    expect(notes('network').join()).toContain(`${named('gateway')} is DOWN`);
    expect(notes('network').join()).toContain(`${named('api')} is DOWN`);
  });
  await check('network', 'up');
  await check('gateway', 'down', 'down');
  await check('api', 'down', 'down');
  await environment.settled();
  expect([tickets('gateway').length, tickets('api').length]).toEqual([1, 0]);
  await one.reviewSuppressed();
  await eventually(() => expect(notes('gateway').join()).toContain(`${named('api')} is DOWN`));
});

it('alerts of other senders about a suppressed surface are suppressed as well', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down', 'down');
  const about = { surface_id: named('api') };
  await one.fire(named('errors'), about);
  await environment.settled();
  const filed = () =>
    environment.tickets().filter(({ subject }) => subject.includes(`Trouble with ${named('errors')}`));
  expect(filed()).toEqual([]);
  await check('network', 'up');
  await one.fire(named('errors'), about);
  await environment.settled();
  expect(filed()).toHaveLength(1);
});

it('an outage without a ticket of its own suppresses no other surface', async () => {
  await watch({ network: [], api: ['network'] }, { network: { severity: { degraded: 'P3', down: 'P1' } } });
  await check('network', 'up', 'slow', 'slow');
  await check('api', 'up', 'down', 'down');
  await environment.settled();
  expect(tickets('network')).toEqual([]);
  expect(tickets('api')).toHaveLength(1);
});

it('upstream maintenance suppresses dependent surfaces while the upstream surface fails', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up');
  const window = { type: 'MAINTENANCE_SET', until: '2099-01-01T00:00:00.000Z', reason: 'new switch', by: 'mia' };
  await one.deliver([{ to: `surface:${named('network')}`, event: window }]);
  await check('network', 'down', 'down');
  await check('api', 'up', 'down', 'down');
  await environment.settled();
  expect([...tickets('network'), ...tickets('api')]).toEqual([]);
  await check('network', 'up');
  await check('api', 'down', 'down');
  await environment.settled();
  expect(tickets('api')).toHaveLength(1);
});

it('an upstream surface with late checks suppresses no other surface', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down', 'down');
  await environment.pool.query("update surfaces set checked_at = checked_at - interval '1 hour' where id = $1", [
    named('network'),
  ]);
  await check('api', 'up', 'down', 'down');
  await environment.settled();
  expect(tickets('api')).toHaveLength(1);
});

it('an upstream surface whose late check is under way suppresses until that check shows whether it still fails', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down', 'down');
  await environment.pool.query(
    `update surfaces set checked_at = checked_at - interval '1 hour', next_check_at = clock_timestamp() + interval '1 hour'
     where id = $1`,
    [named('network')],
  );
  await check('api', 'up', 'down', 'down');
  await environment.settled();
  expect(tickets('api')).toEqual([]);
  expect(await skipped('api')).toEqual(['dependency']);
});

it('whether upstream checks are late is judged by the interval of that surface', async () => {
  await watch({ network: [], api: ['network'] }, { network: { interval_seconds: 3_600 } });
  await check('network', 'up', 'down', 'down');
  await environment.pool.query("update surfaces set checked_at = checked_at - interval '1 hour' where id = $1", [
    named('network'),
  ]);
  await check('api', 'up', 'down', 'down');
  await environment.settled();
  expect(tickets('api')).toEqual([]);
});

it('suppression is decided again right before the POST', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up');
  environment.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  await check('api', 'up', 'down', 'down');
  await environment.settled();
  await check('network', 'down', 'down');
  await environment.settled();
  environment.desk.control.faults.clear();
  for (let n = 0; n < 3; n++) {
    await environment.hurry('timer:helpdesk:%betweenTries%');
    await environment.settled();
  }
  await eventually(() => expect(tickets('network')).toHaveLength(1));
  expect(tickets('api')).toEqual([]);
  await eventually(async () => expect(await skipped('api')).toEqual(['freescout_unavailable', 'dependency']));
  await environment.settled();
  expect(tickets('api')).toEqual([]);
  await one.reviewSuppressed();
  await eventually(() => expect(notes('network')).toEqual([expect.stringContaining(`${named('api')} is DOWN`)]));
  await one.reviewSuppressed();
  await environment.settled();
  expect(notes('network')).toHaveLength(1);
});
