import { afterAll, beforeAll, expect, it } from 'vitest';
import { hasUnlistedWaiting, releaseWaiting } from '../../src/alerts/releaseWaiting.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';

let environment: ManualEnvironment;
beforeAll(async () => {
  environment = await startManualEnvironment();
});
afterAll(() => environment.drop());

const KEYS = ['s:1', 's:2', 's:3'];
const helpdesk = (...events: { type: string }[]) =>
  environment.deliver(events.map((event) => ({ to: 'helpdesk', event })));
const ticketStates = async () => {
  const { rows } = await environment.pool.query(
    "select state->>'ticket' as state from actors where kind = 'alert' order by id",
  );
  return rows.map(({ state }) => state);
};
/** Nothing changed for a while. */
const passTime = () => environment.pool.query("update actors set updated_at = updated_at - interval '10 seconds'");

it('filings that the full list of the breaker lacks go on once it is closed, and those that it lists wait', async () => {
  const { pool, deliver } = environment;
  for (const key of KEYS) {
    await environment.emit(key);
    await environment.answer(`alert:${key}`, 'file', { outcome: 'failed', problem: 'unavailable', own: false });
  }
  // The list has no place for the second and the third, and a ticket of the first is refused while others are filed.
  const refused = { type: 'FAILED', who: 'alert:s:1', problem: 'rejected', refused: 'alert:s:1' };
  await helpdesk({ type: 'FAILED', who: null, problem: 'unavailable' } as { type: string });
  await passTime();
  expect(await hasUnlistedWaiting(pool)).toBe(false);

  await helpdesk(refused, { type: 'SUCCEEDED', by: 'alert:s:9' } as { type: string });
  await passTime();
  expect(await hasUnlistedWaiting(pool)).toBe(true);
  expect(await releaseWaiting({ pool, deliver })).toBe(2);
  expect(await ticketStates()).toEqual(['waiting', 'filing', 'filing']);
  await passTime();
  expect(await hasUnlistedWaiting(pool)).toBe(false);
});
