import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  auditAbout,
  bodyOf,
  type Environment,
  filed,
  type Process,
  reportChecks,
  startClickEnvironment,
  ticketsAbout,
} from '../support/clickEnvironment.ts';

/** The database is empty, as after a disaster, but FreeScout still has the tickets. */

let environment: Environment;
let one: Process;
beforeAll(async () => {
  environment = await startClickEnvironment();
  one = environment.process();
});
afterAll(() => environment.close());

const MINUTE = 60_000;

/** A ticket that the console filed before its database was lost. */
function left(id: string, changes: { subject?: string; tags?: string[]; minutesAgo?: number; mailbox?: number } = {}) {
  const {
    minutesAgo = 10,
    tags = ['auto:status', `auto:status:${id}`],
    mailbox = environment.desk.operationsMailboxId,
  } = changes;
  const customer = { email: 'console-bot@127.0.0.1' };
  const ticketId = environment.desk.control.file({
    type: 'email',
    mailboxId: mailbox,
    subject: changes.subject ?? `[AT-0123456789] DOWN: Surface ${id} (${id})`,
    createdAt: new Date(Date.now() - minutesAgo * MINUTE).toISOString(),
    imported: true,
    customer,
    threads: [{ type: 'customer', text: 'from before', customer, imported: true }],
  });
  for (const tag of tags) environment.desk.control.act(ticketId, 'add-tag', { tag });
  return ticketId;
}

const click = (id: string) => filed(one.investigate(id, 'olga'));

describe.concurrent('a click that finds a ticket in FreeScout that the database does not have', () => {
  test('adopts the open ticket with both tags and this status in its subject, filed 10 minutes ago', async () => {
    const ticketId = left('kept');
    await reportChecks(one, 'kept', 'up', 'down');
    const answer = await click('kept');
    expect(answer).toMatchObject({ ticket_id: ticketId, idempotent: true, degraded: false });
    expect(answer.ticket_url).toBe(`${environment.desk.url}/conversation/${ticketId}`);
    expect(ticketsAbout(environment, 'kept')).toHaveLength(1);
    expect(await auditAbout(environment, 'kept')).toMatchObject([
      { payload: { ticket_id: ticketId, idempotent: true } },
    ]);
  });

  test('keeps answering the adopted ticket, whose age counts from its creation', async () => {
    const ticketId = left('aging');
    await reportChecks(one, 'aging', 'up', 'down');
    await click('aging');
    expect(await click('aging')).toMatchObject({ ticket_id: ticketId, idempotent: true });
    const { rows } = await environment.pool.query(
      'select adopted, extract(epoch from now() - filed_at)::int as seconds from filings where ticket_id = $1',
      [ticketId],
    );
    expect(rows[0].adopted).toBe(true);
    expect(rows[0].seconds).toBeGreaterThanOrEqual(600);
  });

  test('adopts it once for many clicks at the same time', async () => {
    const ticketId = left('crowd');
    await reportChecks(one, 'crowd', 'up', 'down');
    const answers = await Promise.all(Array.from({ length: 10 }, () => click('crowd')));
    expect(answers.every(({ ticket_id, idempotent }) => ticket_id === ticketId && idempotent)).toBe(true);
    expect(await auditAbout(environment, 'crowd')).toHaveLength(10);
  });

  test.each([
    ['of the other status', { subject: '[AT-0123456789] DEGRADED: Surface other (other)' }, 'other'],
    [
      'of the other status whose name has this one in it',
      { subject: '[AT-0123456789] DEGRADED: x] DOWN: y (name)' },
      'name',
    ],
    ['of 61 minutes ago', { minutesAgo: 61 }, 'late'],
  ])('files a new ticket beside one %s, and links it', async (_, changes, id) => {
    const ticketId = left(id, changes);
    await reportChecks(one, id, 'up', 'down');
    const answer = await click(id);
    expect(answer).toMatchObject({ idempotent: false });
    expect(bodyOf(environment, answer.ticket_id)).toContain(`/conversation/${ticketId}"`);
  });

  test.each([
    ['without the tag of the surface', { tags: ['auto:status'] }, 'half'],
    ['of another surface whose id begins alike', { tags: ['auto:status', 'auto:status:alike-2'] }, 'alike'],
    ['in another mailbox', { mailbox: 1 }, 'elsewhere'],
  ])('files a new ticket beside one %s, without a link', async (_, changes, id) => {
    left(id, changes);
    await reportChecks(one, id, 'up', 'down');
    const answer = await click(id);
    expect(answer).toMatchObject({ idempotent: false });
    expect(bodyOf(environment, answer.ticket_id)).not.toContain('earlier ticket');
  });

  test.each(['closed', 'spam'])('files a new ticket beside one that is %s', async (status) => {
    const ticketId = left(`was-${status}`);
    environment.desk.control.act(ticketId, 'status', { status });
    await reportChecks(one, `was-${status}`, 'up', 'down');
    expect(await click(`was-${status}`)).toMatchObject({ idempotent: false });
  });
});
