import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
});
afterAll(() => house.close());

const tickets = (id: string) => house.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const silent = (id: string, minutes: number) =>
  house.pool.query("update alert_sightings set last_seen_at = now() - $2 * interval '1 minute' where alert_key = $1", [
    `monitor:${id}`,
    minutes,
  ]);
const reasons = async (id: string) =>
  (await house.audit('console.alerts.ticket_skipped'))
    .filter(({ payload }) => payload.alert_key === `monitor:${id}`)
    .map(({ payload }) => payload.reason);
const active = async (id: string) =>
  (
    await house.pool.query("select snapshot->'context'->'active' as active from actors where id = $1", [
      `alert:monitor:${id}`,
    ])
  ).rows[0]?.active;

/** Two alerts that could not be filed when they fired. */
async function waiting(...ids: string[]) {
  house.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  for (const id of ids) await one.fire(id);
  await house.settled();
  house.desk.control.faults.clear();
}

it('an alert whose sender has been silent for over an hour is not filed anew, and never resolves by itself', async () => {
  await waiting('silent', 'heard');
  await silent('silent', 61);
  await silent('heard', 59);
  for (const _ of [1, 2]) {
    await house.hurry('timer:helpdesk:%betweenTries%');
    await house.settled();
  }
  expect(tickets('heard')).toHaveLength(1);
  expect(tickets('silent')).toEqual([]);
  expect(await reasons('silent')).toEqual(['freescout_unavailable', 'silent']);
  expect(await active('silent')).toBe(true);
});

it('its next word files it', async () => {
  // Another process: this one wrote down that it heard of the alert less than a minute ago.
  await house.process().fire('silent');
  await house.settled();
  expect(tickets('silent')).toHaveLength(1);
});

it('an alert that has its ticket keeps it, however long its sender is silent', async () => {
  await silent('heard', 6_000);
  await one.fire('heard', { title: 'something else' });
  await house.settled();
  expect(tickets('heard')).toHaveLength(1);
  expect(await active('heard')).toBe(true);
});

it('a sender that goes on is heard of at least once a minute', async () => {
  await one.fire('regular');
  await house.pool.query(
    "update alert_sightings set last_seen_at = now() - interval '10 minutes' where alert_key = 'monitor:regular'",
  );
  await house.process().fire('regular');
  const { rows } = await house.pool.query(
    "select now() - last_seen_at < interval '1 minute' as fresh from alert_sightings where alert_key = 'monitor:regular'",
  );
  expect(rows).toEqual([{ fresh: true }]);
});
