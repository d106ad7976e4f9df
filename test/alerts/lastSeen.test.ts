import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLastSeen } from '../../src/alerts/lastSeen.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const SILENT_AFTER_SECONDS = 3_600;
const MINUTE_MS = 60_000;

/** A process that has just started; its clock goes on only where a test says so. */
function startProcess() {
  let now = 0;
  const lastSeen = createLastSeen(database.pool, () => now);
  return {
    emit: (alertKey: string, more = {}) => lastSeen.recordSeen([{ alertKey, ...more }], SILENT_AFTER_SECONDS),
    later(ms: number) {
      now += ms;
    },
  };
}
/** Emitted for the first time, so many seconds ago. */
async function emittedBefore(alertKey: string, seconds: number) {
  await startProcess().emit(alertKey);
  await storeAge(alertKey, seconds);
}
const storeAge = (alertKey: string, seconds: number) =>
  database.pool.query(
    "update alert_sightings set last_seen_at = clock_timestamp() - $2 * interval '1 second' where alert_key = $1",
    [alertKey, seconds],
  );
/** Another value after each write of the row. */
async function version(alertKey: string): Promise<unknown> {
  const { rows } = await database.pool.query('select xmin, ctid from alert_sightings where alert_key = $1', [alertKey]);
  return rows;
}

it('a process that has just started does not store a time again that was stored less than 50 s before', async () => {
  await emittedBefore('monitor:recent', 20);
  const before = await version('monitor:recent');
  expect((await startProcess().emit('monitor:recent')).silent).toEqual([]);
  expect(await version('monitor:recent')).toEqual(before);
});

it.each([
  ['over 50 s ago', 51],
  ['ahead, before the clock was set back', -600],
])('a process that has just started stores a time again that was stored %s', async (_, seconds) => {
  const key = `monitor:age${seconds}`;
  await emittedBefore(key, seconds);
  const before = await version(key);
  await startProcess().emit(key);
  expect(await version(key)).not.toEqual(before);
});

it('a process stores the time of an alert again a minute after it was stored, not a minute after it was found', async () => {
  await emittedBefore('monitor:steady', 30);
  const started = startProcess();
  await started.emit('monitor:steady');
  await storeAge('monitor:steady', 2 * 60);
  const before = await version('monitor:steady');
  await started.emit('monitor:steady');
  expect(await version('monitor:steady')).toEqual(before);
  started.later(MINUTE_MS - 20_000);
  await started.emit('monitor:steady');
  expect(await version('monitor:steady')).not.toEqual(before);
});

it('an instant of the sender is stored however recent the stored time is', async () => {
  await emittedBefore('monitor:instant', 1);
  await startProcess().emit('monitor:instant', { alertId: 'instant', sentAt: '2025-05-05T14:30:00Z' });
  const { rows } = await database.pool.query(
    "select sent_id, sent_at from alert_sightings where alert_key = 'monitor:instant'",
  );
  expect(rows).toEqual([{ sent_id: 'instant', sent_at: new Date('2025-05-05T14:30:00Z') }]);
});

it('an emission that is older than a stored one is found by the times of its sender, or by the arrivals of their requests', async () => {
  const minute = (n: number) => `2025-05-05T14:0${n}:00.000Z`;
  const emit = async (key: string, instants: { sentAt?: string; startedAt?: string; arrivedAt?: string }) => [
    ...(await startProcess().emit(`monitor:${key}`, { alertId: key, ...instants })).newer.values(),
  ];
  const newer = (alertId: string, sent: number | null, arrived: number | null) => [
    { alertId, sentAt: sent && new Date(minute(sent)), arrivedAt: arrived && new Date(minute(arrived)) },
  ];
  expect(await emit('sent', { sentAt: minute(5) })).toEqual([]);
  expect(await emit('sent', { sentAt: minute(6) })).toEqual([]);
  expect(await emit('sent', { sentAt: minute(5) })).toEqual(newer('sent', 6, null));
  await emit('stored', { startedAt: minute(1), arrivedAt: minute(5) });
  expect(await emit('stored', { startedAt: minute(1), arrivedAt: minute(4) })).toEqual(newer('stored', null, 5));
  expect(await emit('stored', { startedAt: minute(1), arrivedAt: minute(5) })).toEqual([]);
  await emit('both', { sentAt: minute(5), arrivedAt: minute(6) });
  expect(await emit('both', { sentAt: minute(6), arrivedAt: minute(5) })).toEqual([]);
  const other = { alertId: 'other', sentAt: minute(1) };
  expect((await startProcess().emit('monitor:sent', other)).newer.size).toBe(0);
});
