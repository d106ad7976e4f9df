import { afterAll, beforeAll, expect, it } from 'vitest';
import { forgetAlerts } from '../../src/alerts/forgetAlerts.ts';
import { createCopyStore } from '../../src/notify/copyStore.ts';
import { createDmStore } from '../../src/notify/dmStore.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';
import { trustedClock } from '../support/trustedClock.ts';

let environment: ManualEnvironment;
beforeAll(async () => {
  environment = await startManualEnvironment();
});
afterAll(() => environment.drop());

/** One whole episode: filed under this ticket, and over. */
async function episode(key: string, ticketId: number): Promise<void> {
  const actor = `alert:${key}`;
  await environment.emit(key);
  await environment.file(actor, ticketId);
  await environment.resolve(key);
  await environment.settle(actor);
  await environment.setTicketStatus(ticketId, 'closed');
  const dm = { id: `dm:${key}:1`, thread: `${actor}:1`, kind: 'opened', source: 's', body: {} } as const;
  await createDmStore(environment.pool, trustedClock).recordIntents([dm]);
}
const age = (days: number) =>
  environment.pool.query("update actors set updated_at = now() - $1 * interval '1 day'", [days]);
const count = async (from: string): Promise<number> =>
  Number((await environment.pool.query(`select count(*) from ${from}`)).rows[0].count);
const rowsOf = (key: string) =>
  Promise.all(
    [
      `actors where id = 'alert:${key}'`,
      `actor_history where actor_id = 'alert:${key}'`,
      `effects where actor_id = 'alert:${key}'`,
      `filings where actor_id = 'alert:${key}'`,
      `direct_messages where id like 'dm:${key}:%'`,
      `alert_sightings where alert_key = '${key}'`,
      `reconcile_findings where subject like 'alert:${key}:%'`,
    ].map(count),
  );

it('a resolved alert is deleted with all its rows after the days that records are kept, and its audit stays', async () => {
  await episode('s:old', 901);
  await environment.pool.query(
    "insert into reconcile_findings (kind, subject, details) values ('untagged', 'alert:s:old:1', '{}')",
  );
  await age(29);
  expect(await forgetAlerts(environment.pool, { days: 30 })).toBe(0);
  const audited = await count('audit_log');
  await age(31);
  expect(await forgetAlerts(environment.pool, { days: 30 })).toBe(1);
  expect(await rowsOf('s:old')).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(await count('audit_log')).toBe(audited);
});

it('an alert that was deleted and fires again is filed and announced like a new one', async () => {
  await episode('s:again', 902);
  await age(31);
  await forgetAlerts(environment.pool, { days: 30 });
  await episode('s:again', 903);
  expect(await count("filings where actor_id = 'alert:s:again' and ticket_id = 903")).toBe(1);
  // Its last event changes nothing at a revision that the first life of the alert had, too.
  await environment.resolve('s:again');
  await environment.emit('s:again');
  expect(await count("actors where id = 'alert:s:again' and snapshot->'context'->>'episode' = '2'")).toBe(1);
});

it('an alert that was deleted and fires again in a storm joins its umbrella ticket like a new one', async () => {
  const [key, actor, umbrella] = ['stormy:a', 'alert:stormy:a', 'umbrella:stormy'];
  const members = () => count(`umbrella_members where alert_key = '${key}'`);
  const fireInStorm = async () => {
    await environment.emit(key);
    // As the filing protocol ends a filing that is refused.
    await environment.pool.query("update filings set phase = 'withdrawn' where actor_id = $1", [actor]);
    await environment.answer(actor, 'file', { outcome: 'refused', reason: 'storm' });
    await environment.empty(umbrella);
  };
  await fireInStorm();
  expect(await members()).toBe(1);
  await environment.resolve(key);
  await environment.settle(actor);
  await environment.empty(umbrella);
  expect(await members()).toBe(0);
  await age(31);
  await forgetAlerts(environment.pool, { days: 30 });
  expect(await count(`actors where id = '${actor}'`)).toBe(0);
  await fireInStorm();
  expect(await members()).toBe(1);
});

it('an alert is deleted with the messages of its recipients, once none of them waits', async () => {
  const { pool } = environment;
  await episode('s:told', 907);
  const [of, to, actor] = ['dm:s:told:1', 'C1', 'recipient:C1:s:told'];
  const body = { alertKey: 's:told' };
  const request = { id: `${of}@${to}`, thread: 'alert:s:told:1', kind: 'opened', source: 's', body, to } as const;
  await createCopyStore(pool).recordCopies([{ of, request }]);
  await environment.deliver([{ to: actor, event: { type: 'SEND', request } }]);
  await age(31);
  await forgetAlerts(pool, { days: 30 });
  expect(await count("actors where id = 'alert:s:told'")).toBe(1);
  await environment.answer(actor, 'dm', { outcome: 'sent' });
  await age(31);
  await forgetAlerts(pool, { days: 30 });
  expect(await rowsOf('s:told')).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(await count(`actors where id = '${actor}'`)).toBe(0);
});

it('alerts that still matter are kept however old they are', async () => {
  await environment.emit('s:active');
  await environment.settle('alert:s:active');
  await episode('s:open', 904);
  await environment.setTicketStatus(904, 'active');
  await episode('s:unsent', 905);
  await environment.emit('s:unsent');
  await environment.resolve('s:unsent');
  await episode('s:dead', 906);
  await environment.pool.query(
    "update effects set status = 'dead' where actor_id = 'alert:s:dead' and child_id = 'file'",
  );
  await age(400);
  await forgetAlerts(environment.pool, { days: 30 });
  for (const key of ['active', 'open', 'unsent', 'dead']) {
    expect(await count(`actors where id = 'alert:s:${key}'`), key).toBe(1);
  }
});
