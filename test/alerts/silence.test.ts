import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createLastSeen } from '../../src/alerts/lastSeen.ts';
import { startEnvironment } from '../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  await environment.sources({ id: 'monitor', repeat_interval: '1m' });
  one = environment.process();
});
afterAll(() => environment.close());

/** Another process until the test is over: it would decide in later tests by what it has read in this one. */
const another = () => {
  const started = environment.process();
  onTestFinished(() => started.stop());
  return started;
};
const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const setSilent = (id: string, minutes: number) =>
  environment.pool.query(
    "update alert_sightings set last_seen_at = now() - $2 * interval '1 minute' where alert_key = $1",
    [`monitor:${id}`, minutes],
  );
const reasons = async (id: string) =>
  (await environment.audit('console.alerts.ticket_skipped'))
    .filter(({ payload }) => payload.alert_key === `monitor:${id}`)
    .map(({ payload }) => payload.reason);
const active = async (id: string) =>
  (
    await environment.pool.query("select snapshot->'context'->'active' as active from actors where id = $1", [
      `alert:monitor:${id}`,
    ])
  ).rows[0]?.active;

/** Alerts that could not be filed when they fired. */
async function fireWhileFailing(...ids: string[]) {
  environment.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  for (const id of ids) await one.fire(id);
  await environment.settled();
  environment.desk.control.faults.clear();
}
/** The help desk works again, and the waiting filings are tried. */
async function retryFilings() {
  for (const _ of [1, 2]) {
    await environment.hurry('timer:helpdesk:%betweenTries%');
    await environment.settled();
  }
}

it('an alert whose sender was silent for over an hour is not filed and does not resolve by itself', async () => {
  await fireWhileFailing('silent', 'repeated');
  await setSilent('silent', 61);
  await setSilent('repeated', 59);
  await retryFilings();
  expect(tickets('repeated')).toHaveLength(1);
  expect(tickets('silent')).toEqual([]);
  expect(await reasons('silent')).toEqual(['freescout_unavailable', 'silent']);
  expect(await active('silent')).toBe(true);
});

it('an alert of a surface that is checked every two hours is filed an hour after its last emission, others are not', async () => {
  await environment.surfaces({ id: 'rare', interval_seconds: 7_200 }, { id: 'usual' });
  environment.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  for (const id of ['rare', 'usual']) await one.check(id, 'up', 'down');
  await environment.settled();
  environment.desk.control.faults.clear();
  await environment.pool.query(
    `insert into alert_sightings (alert_key, last_seen_at)
     select substr(id, length('alert:') + 1), now() - interval '65 minutes' from actors where id like 'alert:status_poller:%'
     on conflict (alert_key) do update set last_seen_at = excluded.last_seen_at`,
  );
  await retryFilings();
  const filed = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`(${id})`));
  expect(filed('rare')).toHaveLength(1);
  expect(filed('usual')).toEqual([]);
});

it('the next emission of a silent alert files it', async () => {
  await fireWhileFailing('returns', 'other');
  await setSilent('returns', 61);
  await retryFilings();
  expect(tickets('returns')).toEqual([]);
  // Another process, because this one recorded an emission of the alert less than a minute ago.
  await another().fire('returns');
  await environment.settled();
  expect(tickets('returns')).toHaveLength(1);
});

it('an alert with a ticket keeps it, however long its sender is silent', async () => {
  await one.fire('filed');
  await environment.settled();
  await setSilent('filed', 6_000);
  await one.fire('filed', { title: 'something else' });
  await environment.settled();
  expect(tickets('filed')).toHaveLength(1);
  expect(await active('filed')).toBe(true);
});

it('the last emission of a repeated alert is recorded at least once a minute', async () => {
  await one.fire('regular');
  await environment.pool.query(
    "update alert_sightings set last_seen_at = now() - interval '10 minutes' where alert_key = 'monitor:regular'",
  );
  await another().fire('regular');
  const { rows } = await environment.pool.query(
    "select now() - last_seen_at < interval '1 minute' as fresh from alert_sightings where alert_key = 'monitor:regular'",
  );
  expect(rows).toEqual([{ fresh: true }]);
});

describe('an alert of a source that was never seen to repeat', () => {
  let source = '';
  let sources = 0;
  beforeEach(() => {
    sources += 1;
    source = `kuma-${sources}`;
  });
  const send = (id: string) =>
    one.aggregator.ingest(source, [{ alert_id: id, severity: 'P1', status: 'firing', title: `Trouble with ${id}` }]);
  const failingDesk = () => environment.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  const sentMinutesAgo = (id: string, minutes: number) =>
    environment.pool.query(
      "update alert_sightings set last_seen_at = last_seen_at - $2 * interval '1 minute' where alert_key = $1",
      [`${source}:${id}`, minutes],
    );

  /** It is sent again after each of these pauses, to another process each time, since each records it once a minute. */
  const sendAgainAfter = async (id: string, minutes: readonly number[]) => {
    for (const pause of minutes) {
      await sentMinutesAgo(id, pause);
      await createLastSeen(environment.pool).recordSeen([{ alertKey: `${source}:${id}` }]);
    }
  };
  const learnedMinutes = async () =>
    (
      await environment.pool.query<{ minutes: number }>(
        'select round(repeat_seconds / 60)::int as minutes from alert_source_repeats where source = $1',
        [source],
      )
    ).rows.map(({ minutes }) => minutes);

  it('is filed after an outage of FreeScout, however long ago it was sent', async () => {
    failingDesk();
    await send('sent-once');
    await environment.settled();
    environment.desk.control.faults.clear();
    await sentMinutesAgo('sent-once', 6_000);
    await retryFilings();
    expect(tickets('sent-once')).toHaveLength(1);
  });

  it.each([
    ['ten times, five minutes apart', Array<number>(10).fill(5)],
    ['with pauses that double', [1, 2, 4, 8, 16, 32, 64, 128]],
  ])('does not count as repeating when a client sends an alert again %s', async (_, pauses) => {
    await send('retried');
    await environment.settled();
    await sendAgainAfter('retried', pauses);
    expect(await learnedMinutes()).toEqual([]);
  });

  it('falls silent once the source has repeated another alert for an hour', async () => {
    const other = another();
    await send('repeats');
    await environment.settled();
    await sendAgainAfter('repeats', Array<number>(12).fill(5));
    expect(await learnedMinutes()).toEqual([5]);
    failingDesk();
    await other.aggregator.ingest(source, [
      { alert_id: 'fell-silent', severity: 'P1', status: 'firing', title: 'Trouble with fell-silent' },
    ]);
    await environment.settled();
    environment.desk.control.faults.clear();
    await sentMinutesAgo('fell-silent', 61);
    // Any of them may decide.
    for (const { sources } of [one, other]) {
      await expect.poll(async () => (await sources.rules(source)).silentAfterSeconds).toBe(3_600);
    }
    await retryFilings();
    expect(tickets('fell-silent')).toEqual([]);

    await environment.pool.query(
      "update alert_source_repeats set learned_at = learned_at - interval '31 days' where source = $1",
      [source],
    );
    expect((await another().sources.rules(source)).silentAfterSeconds).toBeNull();
  });
});
