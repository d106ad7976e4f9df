import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { recordChecks } from '../../src/surfaces/checks.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
let run = 0;
beforeAll(async () => {
  house = await startEnvironment({ FLAP_MAX_EPISODES: '50' });
  one = house.process();
});
beforeEach(() => {
  run += 1;
});
afterAll(() => house.close());

/** Every test has surfaces of its own. */
const named = (name: string) => `${name}-${run}`;

/** Surfaces that depend on each other; two failures in a row open an outage, one success closes it. */
const watch = (dependencies: Record<string, string[]>, more: Record<string, Record<string, unknown>> = {}) =>
  house.surfaces(
    ...Object.entries(dependencies).map(([name, on]) => ({
      id: named(name),
      depends_on: on.map(named),
      failures_to_open: 2,
      successes_to_close: 1,
      ...more[name],
    })),
  );

/** Checks as the poller makes them: written down, and told to the surface. */
async function check(name: string, ...outcomes: ('up' | 'slow' | 'down')[]): Promise<void> {
  const surfaceId = named(name);
  const { rows } = await house.pool.query<{ config: Record<string, unknown> }>(
    'select config from surfaces where id = $1',
    [surfaceId],
  );
  const { failuresToOpen, successesToClose, severity } = rows[0]?.config ?? {};
  for (const outcome of outcomes) {
    const error = outcome === 'up' ? null : 'HTTP 500';
    await recordChecks(house.pool, [{ surfaceId, at: new Date(), outcome, latencyMs: 1, httpStatus: 500, error }]);
    const event = { type: 'CHECKED', outcome, error, name: surfaceId, failuresToOpen, successesToClose, severity };
    await one.deliver([{ to: `surface:${surfaceId}`, event }]);
  }
}

const tickets = (name: string) => house.tickets().filter(({ subject }) => subject.endsWith(`(${named(name)})`));
const notes = (name: string) => house.notes(tickets(name)[0]?.id);
const openings = (name: string) => house.openings().filter(({ text }) => text.includes(`${named(name)} is`));
const skipped = async (name: string) => {
  const { rows } = await house.pool.query<{ reason: string }>(
    `select payload->>'reason' as reason from audit_log
     where action = 'console.alerts.ticket_skipped' and payload->>'alert_key' in
       (select snapshot->'context'->>'alertKey' from actors where snapshot->'context'->>'surfaceId' = $1) order by id`,
    [named(name)],
  );
  return rows.map(({ reason }) => reason);
};

it('while what it depends on is out, a surface gets a message but no ticket, and is named on that ticket once', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down', 'down');
  await check('api', 'up', 'down', 'down', 'down', 'down');
  await house.settled();
  await eventually(() => expect(notes('network')).toEqual([expect.stringContaining(`${named('api')} is DOWN`)]));
  await check('api', 'down');
  await house.settled();
  expect(tickets('network')).toHaveLength(1);
  expect(tickets('api')).toEqual([]);
  expect(openings('api')).toHaveLength(1);
  expect(await skipped('api')).toEqual(['dependency']);
  expect(notes('network')).toHaveLength(1);
});

it('it files at its next emission once that has recovered, after a restart too', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down', 'down');
  await check('api', 'up', 'down', 'down');
  await house.settled();
  await one.stop();
  one = house.process();
  await check('api', 'down');
  await house.settled();
  expect(tickets('api')).toEqual([]);
  await check('network', 'up');
  await house.settled();
  expect(tickets('api')).toEqual([]);
  await check('api', 'down');
  await house.settled();
  expect(tickets('api')).toHaveLength(1);
  expect(openings('api')).toHaveLength(1);
});

it('recovers with it, and nothing is ever filed for it', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down', 'down');
  await check('api', 'up', 'down', 'down');
  await check('api', 'up');
  await check('network', 'up');
  await house.settled();
  expect(tickets('api')).toEqual([]);
});

it('one that is confirmed first waits while what it depends on fails without being confirmed', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down');
  await check('api', 'up', 'down', 'down');
  await house.settled();
  expect(tickets('api')).toEqual([]);
  await check('network', 'down');
  await check('api', 'down');
  await house.settled();
  expect(tickets('network')).toHaveLength(1);
  expect(tickets('api')).toEqual([]);
  await eventually(() => expect(notes('network')).toHaveLength(1));
});

it('and files at its next emission where that came to nothing', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down');
  await check('api', 'up', 'down', 'down');
  await house.settled();
  await check('network', 'up');
  await check('api', 'down');
  await house.settled();
  expect(tickets('api')).toHaveLength(1);
});

it('a chain is held by its beginning, whose ticket names all of it', async () => {
  await watch({ network: [], gateway: ['network'], api: ['gateway'] });
  await check('network', 'up', 'down', 'down');
  await check('gateway', 'up', 'down', 'down');
  await check('api', 'up', 'down', 'down');
  await house.settled();
  expect([...tickets('gateway'), ...tickets('api')]).toEqual([]);
  await eventually(() => {
    expect(notes('network').join()).toContain(`${named('gateway')} is DOWN`);
    expect(notes('network').join()).toContain(`${named('api')} is DOWN`);
  });
  await check('network', 'up');
  await check('gateway', 'down');
  await check('api', 'down');
  await house.settled();
  expect([tickets('gateway').length, tickets('api').length]).toEqual([1, 0]);
  await eventually(() => expect(notes('gateway').join()).toContain(`${named('api')} is DOWN`));
});

it('what others say about a surface is held with it', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down', 'down');
  const about = { surface_id: named('api') };
  await one.fire(named('errors'), about);
  await house.settled();
  const filed = () => house.tickets().filter(({ subject }) => subject.includes(`Trouble with ${named('errors')}`));
  expect(filed()).toEqual([]);
  await check('network', 'up');
  await one.fire(named('errors'), about);
  await house.settled();
  expect(filed()).toHaveLength(1);
});

it('an outage that gets no ticket itself holds nobody, or nobody would be told', async () => {
  await watch({ network: [], api: ['network'] }, { network: { severity: { degraded: 'P3', down: 'P1' } } });
  await check('network', 'up', 'slow', 'slow');
  await check('api', 'up', 'down', 'down');
  await house.settled();
  expect(tickets('network')).toEqual([]);
  expect(tickets('api')).toHaveLength(1);
});

it('maintenance above holds what fails because of it, and no longer than it fails', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up');
  const window = { type: 'MAINTENANCE_SET', until: '2099-01-01T00:00:00.000Z', reason: 'new switch', by: 'mia' };
  await one.deliver([{ to: `surface:${named('network')}`, event: window }]);
  await check('network', 'down', 'down');
  await check('api', 'up', 'down', 'down');
  await house.settled();
  expect([...tickets('network'), ...tickets('api')]).toEqual([]);
  await check('network', 'up');
  await check('api', 'down');
  await house.settled();
  expect(tickets('api')).toHaveLength(1);
});

it('checks of it that stay away hold nobody: what is not known explains nothing', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up', 'down', 'down');
  await house.pool.query("update surfaces set checked_at = checked_at - interval '1 hour' where id = $1", [
    named('network'),
  ]);
  await check('api', 'up', 'down', 'down');
  await house.settled();
  expect(tickets('api')).toHaveLength(1);
});

it('what was decided before it failed is asked again right before the POST', async () => {
  await watch({ network: [], api: ['network'] });
  await check('network', 'up');
  house.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  await check('api', 'up', 'down', 'down');
  await house.settled();
  await check('network', 'down', 'down');
  await house.settled();
  house.desk.control.faults.clear();
  for (let n = 0; n < 3; n++) {
    await house.hurry('timer:helpdesk:%betweenTries%');
    await house.settled();
  }
  await eventually(() => expect(tickets('network')).toHaveLength(1));
  expect(tickets('api')).toEqual([]);
  expect(await skipped('api')).toEqual(['freescout_unavailable', 'dependency']);
});
