import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLastSeen } from '../../src/alerts/lastSeen.ts';
import type { EmissionInput } from '../../src/model/alerts.ts';
import { startEnvironment } from '../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment({ FLAP_MAX_EPISODES: '2', FLAP_WINDOW_MINUTES: '10' });
  one = environment.process();
});
afterAll(() => environment.close());

const SOURCE = 'sends-once';
async function send(id: string, status: EmissionInput['status']): Promise<string | undefined> {
  const alert = { alert_id: id, severity: 'P1', status, title: `Trouble with ${id}` } as const;
  const { alerts } = await one.aggregator.ingest(SOURCE, [alert]);
  await environment.settled();
  return alerts[0]?.state;
}
const sentMinutesAgo = (id: string, minutes: number) =>
  environment.pool.query(
    "update alert_sightings set last_seen_at = last_seen_at - $2 * interval '1 minute' where alert_key = $1",
    [`${SOURCE}:${id}`, minutes],
  );

it('a flapping alert does not make its source repeat, so that another alert is filed however long ago it was sent', async () => {
  for (const status of ['firing', 'resolved', 'firing', 'resolved'] as const) await send('restless', status);
  expect(await send('restless', 'firing')).toBe('flapping');
  for (let n = 0; n < 13; n += 1) {
    await send('restless', 'resolved');
    await sentMinutesAgo('restless', 5);
    // As another process records it that receives the next emission, since each records an alert once a minute.
    await createLastSeen(environment.pool).recordSeen([{ alertKey: `${SOURCE}:restless` }]);
    expect(await send('restless', 'firing')).toBe('flapping');
  }
  const learned = await environment.pool.query('select repeat_seconds from alert_source_repeats');
  expect(learned.rows).toEqual([]);

  environment.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  await send('waits', 'firing');
  environment.desk.control.faults.clear();
  await sentMinutesAgo('waits', 61);
  // The first try ends the outage of the help desk.
  for (const _ of [1, 2]) {
    await environment.hurry('timer:helpdesk:%betweenTries%');
    await environment.settled();
  }
  expect(environment.tickets().filter(({ subject }) => subject.endsWith('Trouble with waits'))).toHaveLength(1);
});
