import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startEnvironment } from '../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
beforeAll(async () => {
  environment = await startEnvironment();
});
afterAll(() => environment.close());

interface Sending {
  source: string;
  sender: string;
  /** The interval that the source was seen to keep. */
  learnedHours?: number;
  pauseHours: number;
}

it.each<[what: string, sending: Sending, tickets: number]>([
  [
    'an alert of a client of Opsgenie that is repeated after four hours stays without a second ticket',
    { source: 'opsgenie-4', sender: 'opsgenie', pauseHours: 4 },
    1,
  ],
  [
    'an alert of a client of PagerDuty that is repeated after a day stays without a second ticket',
    { source: 'pagerduty-24', sender: 'pagerduty', pauseHours: 24 },
    1,
  ],
  [
    'an alert of a client of Opsgenie that is sent again after three days gets a second ticket',
    { source: 'opsgenie-72', sender: 'opsgenie', pauseHours: 72 },
    2,
  ],
  [
    'an alert of Uptime Kuma, which was seen to repeat every four hours, stays without a second ticket after four',
    { source: 'kuma-4', sender: 'uptime-kuma', learnedHours: 4, pauseHours: 4 },
    1,
  ],
  [
    'an alert of Uptime Kuma, which was seen to repeat every four hours, gets a second ticket after thirteen',
    { source: 'kuma-13', sender: 'uptime-kuma', learnedHours: 4, pauseHours: 13 },
    2,
  ],
])('%s, if a person closed the first', async (_what, { source, sender, learnedHours, pauseHours }, expected) => {
  const { pool } = environment;
  await pool.query('insert into webhook_sources (source, sender) values ($1, $2)', [source, sender]);
  if (learnedHours !== undefined) {
    await pool.query('insert into alert_source_repeats (source, repeat_seconds, learned_at) values ($1, $2, now())', [
      source,
      learnedHours * 3_600,
    ]);
  }
  const tickets = () => environment.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${source}`));
  // Another process each time, since each records an alert once a minute.
  const send = async () => {
    const started = environment.process();
    onTestFinished(() => started.stop());
    const alert = { alert_id: 'disk', severity: 'P1', status: 'firing', title: `Trouble with ${source}` } as const;
    await started.aggregator.ingest(source, [alert]);
    await environment.settled();
  };
  await send();
  expect(tickets()).toHaveLength(1);
  await pool.query("update filings set ticket_status = 'closed' where ticket_id = $1", [tickets()[0]?.id]);
  await pool.query(
    "update alert_sightings set last_seen_at = last_seen_at - $2 * interval '1 hour' where alert_key = $1",
    [`${source}:disk`, pauseHours],
  );
  await send();
  expect(tickets()).toHaveLength(expected);
});
