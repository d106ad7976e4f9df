import { afterAll, beforeAll, expect, it } from 'vitest';
import { forgetFilings } from '../../src/alerts/forgetFilings.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';

let environment: ManualEnvironment;
beforeAll(async () => {
  environment = await startManualEnvironment();
  await environment.surfaces(...['web', 'again', 'open', 'doubt', 'lost', 'late', 'parked'].map((id) => ({ id })));
});
afterAll(() => environment.drop());

/** A click on a surface that is down, and its ticket, which is closed. */
async function clicked(id: string, ticketId: number): Promise<void> {
  await environment.check(id, 'down');
  await environment.click(id);
  await environment.file(`surface:${id}`, ticketId);
  await environment.setTicketStatus(ticketId, 'closed');
}

const INSTANTS = 'created_at attempted_at withdrawn_at filed_at reused_at replied_at checked_at closed_at'.split(' ');
/** Makes all filings so many days older. */
const pass = (days: number) =>
  environment.pool.query(
    `update filings set ${INSTANTS.map((at) => `${at} = ${at} - $1 * interval '1 day'`).join(', ')}`,
    [days],
  );
const forget = (atOnce = 200) => forgetFilings(environment.pool, { days: 30, atOnce });
const count = async (from: string): Promise<number> =>
  Number((await environment.pool.query(`select count(*) from ${from}`)).rows[0].count);
const filingsOf = (actor: string) => count(`filings where actor_id = '${actor}'`);

it('the filing of a click is deleted after the days that records are kept, and its surface and audit stay', async () => {
  await clicked('web', 901);
  await environment.pool.query(
    "insert into reconcile_findings (kind, subject, details) values ('untagged', 'investigate:web:1', '{}')",
  );
  await pass(29);
  expect(await forget()).toBe(0);
  const audited = await count('audit_log');
  await pass(2);
  expect(await forget()).toBe(1);
  expect(await filingsOf('surface:web')).toBe(0);
  expect(await count("reconcile_findings where subject = 'investigate:web:1'")).toBe(0);
  expect(await count("actors where id = 'surface:web'")).toBe(1);
  expect(await count('audit_log')).toBe(audited);
});

it('a click after the filing of an earlier one was deleted files one ticket, under another id', async () => {
  await clicked('again', 902);
  await pass(31);
  await forget();
  expect(await filingsOf('surface:again')).toBe(0);
  await environment.click('again');
  await environment.file('surface:again', 903);
  expect(
    await count("filings where actor_id = 'surface:again' and id = 'investigate:again:2' and ticket_id = 903"),
  ).toBe(1);
  expect(await filingsOf('surface:again')).toBe(1);
});

it('a ticket whose last change is recent is kept however long ago it was filed', async () => {
  await clicked('open', 904);
  await environment.setTicketStatus(904, 'active');
  await pass(400);
  await forget();
  expect(await filingsOf('surface:open')).toBe(1);
  // It is closed now.
  await environment.setTicketStatus(904, 'closed');
  await forget();
  expect(await filingsOf('surface:open')).toBe(1);
  await pass(31);
  await forget();
  expect(await filingsOf('surface:open')).toBe(0);
});

it('a click in doubt is kept until its outcome is known and a late ticket would have been found', async () => {
  const { pool } = environment;
  const actor = 'surface:doubt';
  await environment.check('doubt', 'down');
  await environment.click('doubt');
  await pool.query("update filings set phase = 'attempting', attempts = 1, attempted_at = now() where actor_id = $1", [
    actor,
  ]);
  await environment.answer(actor, 'file', { outcome: 'doubt' });
  await pass(400);
  await forget();
  expect(await filingsOf(actor)).toBe(1);

  // As the filing protocol ends a doubt without a ticket. The surface still waits for the result.
  await pool.query("update filings set phase = 'withdrawn' where actor_id = $1", [actor]);
  await pool.query('update reconcile_run set seen_until = now()');
  await forget();
  expect(await filingsOf(actor)).toBe(1);
  await environment.answer(actor, 'settle', { outcome: 'failed', problem: 'unavailable', own: false });

  await pool.query("update reconcile_run set seen_until = now() - interval '400 days'");
  await forget();
  expect(await filingsOf(actor)).toBe(1);
  await pool.query('update reconcile_run set seen_until = now()');
  await forget();
  expect(await filingsOf(actor)).toBe(0);
});

it('a filing is kept while a note on its ticket is to be written, or is a dead letter', async () => {
  const { pool } = environment;
  const actor = 'surface:late';
  await clicked('late', 905);
  await environment.check('late', 'up');
  await pass(400);
  expect(await count(`effects where actor_id = '${actor}' and child_id = 'chore' and status = 'pending'`)).toBe(1);
  await forget();
  expect(await filingsOf(actor)).toBe(1);

  await environment.fail(actor, 'chore', { message: 'no', problem: 'rejected' });
  await forget();
  expect(await filingsOf(actor)).toBe(1);
  await pool.query("update effects set status = 'discarded' where actor_id = $1 and status = 'dead'", [actor]);
  await forget();
  expect(await filingsOf(actor)).toBe(0);
});

it('the filings of a parked actor are kept until it is restored', async () => {
  await clicked('parked', 906);
  await pass(400);
  await environment.pool.query("update actors set parked = 'broken' where id = 'surface:parked'");
  await forget();
  expect(await filingsOf('surface:parked')).toBe(1);
  await environment.pool.query("update actors set parked = null where id = 'surface:parked'");
  await forget();
  expect(await filingsOf('surface:parked')).toBe(0);
});

it('more filings than one transaction deletes are deleted by the same run', async () => {
  await environment.check('lost', 'down');
  for (const ticketId of [907, 908, 909]) {
    await environment.click('lost');
    await environment.file('surface:lost', ticketId);
    await environment.setTicketStatus(ticketId, 'closed');
  }
  expect(await filingsOf('surface:lost')).toBe(3);
  await pass(31);
  await forget(1);
  expect(await filingsOf('surface:lost')).toBe(0);
});
