import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  bodyOf,
  type Environment,
  filed,
  type Process,
  reportChecks,
  startClickEnvironment,
  ticketsAbout,
} from '../support/clickEnvironment.ts';
import { prepareFrozenClock } from '../support/frozenClock.ts';

/** The exact end of the 60 minutes in which an open ticket answers a click. The clock stands still, so it cannot pass. */

const MINUTE = 60_000;
const YOUNGER = 60 * MINUTE - 1_000;

let environment: Environment;
let one: Process;
let clock: Awaited<ReturnType<typeof prepareFrozenClock>>;
beforeAll(async () => {
  environment = await startClickEnvironment();
  clock = await prepareFrozenClock(environment.pool);
  one = environment.process();
});
afterEach(() => clock.resume());
afterAll(() => environment.close());

const click = (id: string) => filed(one.investigate(id, 'olga'));

/** A surface that is down, with a ticket that a click filed exactly `ageMs` ago. */
async function withTicket(id: string, ageMs: number) {
  await reportChecks(one, id, 'up', 'down');
  const answer = await click(id);
  const now = await clock.freeze();
  const { rowCount } = await environment.pool.query('update filings set filed_at = $1 where ticket_id = $2', [
    new Date(now.getTime() - ageMs),
    answer.ticket_id,
  ]);
  expect(rowCount).toBe(1);
  return answer;
}

/** A surface that is down, with a ticket created exactly `ageMs` ago that only FreeScout knows. */
async function withUnknownTicket(id: string, ageMs: number): Promise<number> {
  await reportChecks(one, id, 'up', 'down');
  const { desk } = environment;
  const customer = { email: 'console-bot@127.0.0.1' };
  const now = await clock.freeze();
  const ticketId = desk.control.file({
    type: 'email',
    mailboxId: desk.operationsMailboxId,
    subject: `[AT-0123456789] DOWN: Surface ${id} (${id})`,
    createdAt: new Date(now.getTime() - ageMs).toISOString(),
    imported: true,
    customer,
    threads: [{ type: 'customer', text: 'from before', customer, imported: true }],
  });
  for (const tag of ['auto:status', `auto:status:${id}`]) desk.control.act(ticketId, 'add-tag', { tag });
  return ticketId;
}

describe('a click on a surface whose open ticket', () => {
  test('is 59:59 old answers that ticket', async () => {
    const { ticket_id } = await withTicket('young', YOUNGER);
    expect(await click('young')).toMatchObject({ ticket_id, idempotent: true });
    expect(ticketsAbout(environment, 'young')).toHaveLength(1);
  });

  test('is exactly 60:00 old files a new one that links it', async () => {
    const first = await withTicket('old', 60 * MINUTE);
    const second = await click('old');
    expect(second.idempotent).toBe(false);
    expect(ticketsAbout(environment, 'old')).toHaveLength(2);
    expect(bodyOf(environment, second.ticket_id)).toContain(`<a href="${first.ticket_url}">#${first.ticket_id}</a>`);
    expect(bodyOf(environment, first.ticket_id)).not.toContain('earlier ticket');
  });

  test('is missing in the database and 59:59 old adopts that ticket', async () => {
    const ticket_id = await withUnknownTicket('unknown-young', YOUNGER);
    expect(await click('unknown-young')).toMatchObject({ ticket_id, idempotent: true });
  });

  test('is missing in the database and exactly 60:00 old files a new one', async () => {
    const ticketId = await withUnknownTicket('unknown-old', 60 * MINUTE);
    const answer = await click('unknown-old');
    expect(answer.idempotent).toBe(false);
    expect(bodyOf(environment, answer.ticket_id)).toContain(`/conversation/${ticketId}"`);
  });
});
