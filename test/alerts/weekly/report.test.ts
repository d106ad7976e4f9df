import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DmRequest, Severity } from '../../../machines/shared/protocol.ts';
import { weeklyReport } from '../../../src/alerts/weekly/report.ts';
import { week as weekSchema } from '../../../src/http/schemas/answers.ts';
import { createDmStore } from '../../../src/notify/dmStore.ts';
import { type ManualEnvironment, startManualEnvironment } from '../../support/manualEnvironment.ts';
import { trustedClock } from '../../support/trustedClock.ts';

let environment: ManualEnvironment;
beforeAll(async () => {
  environment = await startManualEnvironment();
});
afterAll(() => environment.drop());

const message = (id: string, severity: Severity, facts: Partial<DmRequest> = {}): DmRequest => ({
  ...{ id: `dm:${id}:1`, thread: `alert:${id}:1`, kind: 'opened', source: id.split(':')[0] ?? '' },
  body: { alertKey: id, severity, surfaceId: 'shop' },
  ...facts,
});
/** Of the present week, unless named. */
const report = async (name?: string) => {
  const found = await weeklyReport(environment.pool, name);
  if (found) expect(weekSchema.parse(found)).toEqual(found);
  return found;
};

it('alerts of a week are counted once each, by severity, source and surface, also where they ended while silenced', async () => {
  await environment.surfaces({ id: 'shop', name: 'Shop' });
  const messages = createDmStore(environment.pool, trustedClock);
  const first = [message('monitor:a', 'P1'), message('monitor:b', 'P2'), message('grafana:c', 'P3')];
  await messages.recordIntents(first);
  // A repeat, a reply, and a message about the console itself begin no alert.
  await messages.recordIntents([
    ...first,
    message('monitor:a', 'P1', { id: 'dm:monitor:a:2', kind: 'resolved' }),
    message('desk', 'P1', { source: null, kind: 'desk_failing' }),
  ]);
  // Nobody is told of an alert that ends while it is silenced.
  await environment.emit('monitor:s', { severity: 'P3', surfaceId: 'shop', held: 'silenced' });
  await environment.resolve('monitor:s');
  expect(await report()).toMatchObject({
    next: null,
    alerts: { alerts: 4, P1: 1, P2: 1, P3: 2, week_before: 0 },
    sources: [
      { source: 'monitor', alerts: 3, P1: 1, P2: 1, P3: 1 },
      { source: 'grafana', alerts: 1, P3: 1 },
    ],
    surfaces: [{ surface_id: 'shop', name: 'Shop', alerts: 4 }],
  });
  await environment.pool.query('update alert_days set day = day - 7');
  expect(await report()).toMatchObject({
    alerts: { alerts: 1, week_before: 3 },
    sources: [{ source: 'monitor', alerts: 1, P3: 1 }],
    surfaces: [{ surface_id: 'shop', alerts: 1 }],
  });
});

it('the time to a ticket counts from its alert, and the time to its end from the ticket', async () => {
  const { pool } = environment;
  await environment.emit('monitor:t', { surfaceId: 'shop' });
  await environment.file('alert:monitor:t', 71);
  await environment.emit('monitor:u', { surfaceId: 'shop' });
  await environment.file('alert:monitor:u', 72);
  await pool.query(
    `update filings set request = jsonb_set(request, '{since}', to_jsonb(filed_at - (ticket_id - 70) * interval '10 seconds'))
     where ticket_id in (71, 72)`,
  );
  await environment.setTicketStatus(71, 'closed');
  await pool.query("update filings set closed_at = filed_at + interval '90 seconds' where ticket_id = 71");
  expect(await report()).toMatchObject({
    tickets: { filed: 2, alert: 2, investigate: 0, still_open: 1, incomplete: false },
    time_to_ticket: { count: 2, median_seconds: 15, p90_seconds: 19 },
    time_to_close: { count: 1, median_seconds: 90, p90_seconds: 90 },
  });
  // Opened again, it is not closed.
  await environment.setTicketStatus(71, 'active');
  expect((await report())?.time_to_close.count).toBe(0);
});

it('alerts that are held back are counted by reason, and those that were released are not', async () => {
  await environment.pool.query(
    `insert into held_alerts (alert_key, episode, source, severity, title, since, reason, held_at, over, over_at)
     select n::text, 1, 's', 'P1', 't', now(), 'flag_off', now(), over, case when over is not null then now() end
     from unnest(array[null, 'ended', 'ended', 'released']) with ordinality as x (over, n)`,
  );
  const week = await report();
  expect(week?.held_back).toEqual([{ reason: 'flag_off', active: 1, ended: 2 }]);
  expect(week?.fix_first[0]?.href).toBe('/console/flags');
});

it('an earlier week is found by its name with both its neighbours, and a wrong name finds none', async () => {
  expect(await report('2026-W01')).toMatchObject({
    from: '2025-12-29T00:00:00.000Z',
    previous: '2025-W52',
    next: '2026-W02',
    alerts: { alerts: 0 },
  });
  expect(await report('2026-W99')).toBeNull();
});
