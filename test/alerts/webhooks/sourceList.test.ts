import { afterAll, beforeAll, expect, it } from 'vitest';
import { syncSources } from '../../../src/alerts/sources/sources.ts';
import { listSources } from '../../../src/alerts/webhooks/sourceList.ts';
import { storeRefusals } from '../../../src/identity/refusalStore.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const list = async () => {
  const sources = await listSources(database.pool, {
    publicUrl: 'https://console.example.com',
    tokenSources: ['scripts', 'unused'],
  });
  return new Map(sources.map((source) => [source.id, source]));
};

it('a source is listed with its requests of the last hour, what was refused of them, what waits and what was left out', async () => {
  await database.pool.query(`
    insert into webhook_sources (source, sender) values ('busy', 'grafana'), ('calm', 'gatus');
    insert into webhook_requests (source, sender, method, body, bytes, status, received_at, alerts, rejected, left_out)
    select source, 'grafana', 'POST', '', 0, status, now() - age::interval, alerts, rejected, left_out from (values
      ('busy', 'done', '59 minutes', 3, 2, 0),
      ('busy', 'done', '30 minutes', 4, 0, 1),
      ('busy', 'done', '61 minutes', 50, 60, 0),
      ('busy', 'done', '23 hours', 1, 0, 5),
      ('busy', 'done', '25 hours', 1, 0, 70),
      ('busy', 'dead', '3 days', 0, 0, 0),
      ('busy', 'dead', '10 minutes', 0, 0, 0),
      ('busy', 'discarded', '3 days', 0, 0, 0),
      ('busy', 'waiting', '90 seconds', 0, 0, 0),
      ('busy', 'waiting', '1 second', 0, 0, 0),
      ('calm', 'done', '2 hours', 1, 1, 0)
    ) as sent (source, status, age, alerts, rejected, left_out)`);
  const sources = await list();
  expect(sources.get('busy')).toMatchObject({
    ...{ sender: 'grafana', sender_title: 'Grafana Alerting', declared: false, shadow: false, can_test: true },
    ...{ requests_last_hour: 5, alerts_last_hour: 7, refused_last_hour: 2 },
    ...{ not_understood: 2, left_out_last_day: 6, waiting: 2, refused_requests: [] },
    url: 'https://console.example.com/api/webhooks/grafana/busy',
  });
  const lag = sources.get('busy')?.lag_seconds ?? 0;
  expect(lag).toBeGreaterThanOrEqual(90);
  expect(lag).toBeLessThan(1_800);
  expect(sources.get('calm')).toMatchObject({
    ...{ requests_last_hour: 0, alerts_last_hour: 0, refused_last_hour: 0 },
    ...{ not_understood: 0, left_out_last_day: 0, waiting: 0, lag_seconds: 0 },
    last_request_at: expect.any(String),
  });
});

it('of a source that uses POST /api/alerts its last alert is known, and how many different ones it reported', async () => {
  await database.pool.query(`
    insert into alert_sightings (alert_key, last_seen_at) values
      ('scripts:1', now() - interval '1 minute'), ('scripts:2', now() - interval '59 minutes'),
      ('scripts:3', now() - interval '61 minutes'), ('script:4', now())`);
  const sources = await list();
  const nothing = { sender: null, url: null, block: null, last_request_at: null, requests_last_hour: 0 };
  expect(sources.get('scripts')).toMatchObject({ ...nothing, last_alert_at: expect.any(String), seen_last_hour: 2 });
  expect(sources.get('unused')).toMatchObject({ ...nothing, last_alert_at: null, seen_last_hour: 0 });
});

it('requests of a source that were refused at the door within a day are listed by reason, most frequent first', async () => {
  const { pool } = database;
  await syncSources(pool, [{ id: 'barred', stableIds: true }]);
  const of = (kind: 'forbidden' | 'over_quota', times: number, ageMs: number, source = 'barred') => ({
    ...{ kind, times, ageMs, source },
  });
  const HOUR_MS = 3_600_000;
  await storeRefusals(pool, [], [of('forbidden', 2, 0), of('over_quota', 3, 0)]);
  // Another process, and another hour.
  await storeRefusals(pool, [], [of('over_quota', 4, 2 * HOUR_MS), of('forbidden', 500, 25 * HOUR_MS)]);
  await storeRefusals(pool, [], [of('over_quota', 1, 0), of('over_quota', 9, 0, 'scripts')]);
  const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const sources = await list();
  expect(sources.get('barred')?.refused_requests).toEqual([
    { reason: 'over_quota', times: 8, last_at: at },
    { reason: 'forbidden', times: 2, last_at: at },
  ]);
  expect(sources.get('scripts')?.refused_requests).toEqual([{ reason: 'over_quota', times: 9, last_at: at }]);
  expect(sources.get('unused')?.refused_requests).toEqual([]);
});
