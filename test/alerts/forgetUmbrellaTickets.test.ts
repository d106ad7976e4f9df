import { afterAll, beforeAll, expect, it } from 'vitest';
import { forgetAlerts } from '../../src/alerts/forgetAlerts.ts';
import { forgetFilings } from '../../src/alerts/forgetFilings.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';

/** How the records of umbrella tickets are deleted; those of clicks are in forgetFilings.test.ts. */

let environment: ManualEnvironment;
beforeAll(async () => {
  environment = await startManualEnvironment();
});
afterAll(() => environment.drop());

const INSTANTS = 'created_at attempted_at withdrawn_at filed_at reused_at replied_at checked_at closed_at'.split(' ');
/** Makes all filings so many days older. */
const pass = (days: number) =>
  environment.pool.query(
    `update filings set ${INSTANTS.map((at) => `${at} = ${at} - $1 * interval '1 day'`).join(', ')}`,
    [days],
  );
const forget = () => forgetFilings(environment.pool, { days: 30 });
const count = async (from: string): Promise<number> =>
  Number((await environment.pool.query(`select count(*) from ${from}`)).rows[0].count);
const filingsOf = (actor: string) => count(`filings where actor_id = '${actor}'`);

/** An alert in a storm, whose umbrella ticket is filed and closed. */
async function stormed(source: string, ticketId: number): Promise<void> {
  const [key, actor, umbrella] = [`${source}:a`, `alert:${source}:a`, `umbrella:${source}`];
  await environment.emit(key);
  // As the filing protocol ends a filing that is refused.
  await environment.pool.query("update filings set phase = 'withdrawn' where actor_id = $1", [actor]);
  await environment.answer(actor, 'file', { outcome: 'refused', reason: 'storm' });
  await environment.empty(umbrella);
  await environment.file(umbrella, ticketId);
  await environment.setTicketStatus(ticketId, 'closed');
}

/** Nothing joins for a while. */
async function calm(umbrella: string): Promise<void> {
  const { rows } = await environment.pool.query(
    "select event from timers where actor_id = $1 and timer_id like 'xstate.after.calm.%'",
    [umbrella],
  );
  await environment.deliver([{ to: umbrella, event: rows[0].event }]);
  await environment.answer(umbrella, 'end', { outcome: 'done' });
}

it('an umbrella ticket is kept during its storm and while it names an alert in the same episode', async () => {
  const umbrella = 'umbrella:stormy';
  await stormed('stormy', 910);
  await pass(400);
  await forget();
  expect(await filingsOf(umbrella)).toBe(1);

  await calm(umbrella);
  await forget();
  expect(await filingsOf(umbrella)).toBe(1);
  await environment.resolve('stormy:a');
  await environment.settle('alert:stormy:a');
  await environment.empty(umbrella);
  await forget();
  expect(await filingsOf(umbrella)).toBe(1);

  await environment.pool.query("update actors set updated_at = now() - interval '31 days'");
  await forgetAlerts(environment.pool, { days: 30 });
  expect(await count("actors where id = 'alert:stormy:a'")).toBe(0);
  await forget();
  expect(await filingsOf(umbrella)).toBe(0);
  expect(await count(`actors where id = '${umbrella}'`)).toBe(1);

  // The next storm of the source has a ticket of its own.
  await stormed('stormy', 911);
  expect(await count(`filings where actor_id = '${umbrella}' and id = '${umbrella}:2' and ticket_id = 911`)).toBe(1);
  expect(await filingsOf(umbrella)).toBe(1);
});

it('an umbrella ticket that names a resolved alert only with an earlier episode is deleted with its members', async () => {
  const umbrella = 'umbrella:rainy';
  await stormed('rainy', 912);
  await environment.resolve('rainy:a');
  await environment.settle('alert:rainy:a');
  await environment.empty(umbrella);
  await calm(umbrella);
  await pass(400);
  // As after a later episode of the alert.
  await environment.pool.query("update umbrella_members set episode = episode - 1 where alert_key = 'rainy:a'");
  await forget();
  expect(await filingsOf(umbrella)).toBe(0);
  expect(await count("umbrella_members where alert_key = 'rainy:a'")).toBe(0);
  expect(await count("actors where id = 'alert:rainy:a'")).toBe(1);
});
