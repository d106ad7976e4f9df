import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bodyOf,
  type Environment,
  filed,
  type Process,
  reportChecks,
  startClickEnvironment,
  ticketsAbout,
} from '../support/clickEnvironment.ts';

/** Which open ticket answers a click: same surface, same status, filed less than 60 minutes ago, still open. `windowEdge.test.ts` tests the exact age. */

let environment: Environment;
let one: Process;
beforeAll(async () => {
  environment = await startClickEnvironment();
  one = environment.process();
});
afterAll(() => environment.close());

const click = (id: string) => filed(one.investigate(id, 'olga'));

describe.concurrent('a click on a surface', () => {
  test('that is degraded and has no ticket files one', async () => {
    await reportChecks(one, 'first', 'up', 'slow');
    expect(await click('first')).toMatchObject({ surface_id: 'first', status: 'DEGRADED', idempotent: false });
    expect(ticketsAbout(environment, 'first')).toHaveLength(1);
  });

  test('that recovered and is degraded again at the same status answers the ticket that is still open', async () => {
    await reportChecks(one, 'again', 'up', 'down');
    const { ticket_id } = await click('again');
    await reportChecks(one, 'again', 'up', 'down');
    expect(await click('again')).toMatchObject({ ticket_id, idempotent: true });
  });

  test.each([
    ['closed', 'status', { status: 'closed' }],
    ['spam', 'status', { status: 'spam' }],
    ['trashed', 'trash', {}],
    ['deleted', 'delete', {}],
    ['moved', 'move', { mailbox: 1 }],
  ])('whose ticket was %s a moment ago files a new one', async (what, action, fields) => {
    const id = `was-${what}`;
    await reportChecks(one, id, 'up', 'down');
    const first = await click(id);
    environment.desk.control.act(first.ticket_id, action, fields);
    const second = await click(id);
    expect(second).toMatchObject({ idempotent: false });
    expect(second.ticket_id).not.toBe(first.ticket_id);
    expect(bodyOf(environment, second.ticket_id)).not.toContain('earlier ticket');
    expect(await click(id)).toMatchObject({ ticket_id: second.ticket_id, idempotent: true });
  });

  test('whose ticket is pending answers that ticket', async () => {
    await reportChecks(one, 'pending', 'up', 'down');
    const { ticket_id } = await click('pending');
    environment.desk.control.act(ticket_id, 'status', { status: 'pending' });
    expect(await click('pending')).toMatchObject({ ticket_id, idempotent: true });
  });

  test('whose ticket was closed and opened again answers that ticket', async () => {
    await reportChecks(one, 'reopened', 'up', 'down');
    const { ticket_id } = await click('reopened');
    environment.desk.control.act(ticket_id, 'status', { status: 'closed' });
    environment.desk.control.act(ticket_id, 'status', { status: 'active' });
    expect(await click('reopened')).toMatchObject({ ticket_id, idempotent: true });
  });

  test('that went from DEGRADED to DOWN files a new one with a link to the old one, one for each status', async () => {
    await reportChecks(one, 'worse', 'up', 'slow');
    const slow = await click('worse');
    await reportChecks(one, 'worse', 'down');
    const down = await click('worse');
    expect(down).toMatchObject({ status: 'DOWN', idempotent: false });
    expect(bodyOf(environment, down.ticket_id)).toContain(`<a href="${slow.ticket_url}">#${slow.ticket_id}</a>`);
    await reportChecks(one, 'worse', 'slow');
    expect(await click('worse')).toMatchObject({ status: 'DEGRADED', ticket_id: slow.ticket_id, idempotent: true });
    expect(ticketsAbout(environment, 'worse')).toHaveLength(2);
  });

  test('with many closed tickets of this hour finds the oldest one, which was reopened', async () => {
    await reportChecks(one, 'busy', 'up', 'down');
    const filedSoFar: number[] = [];
    for (let n = 0; n < 7; n++) {
      const { ticket_id } = await click('busy');
      filedSoFar.push(ticket_id);
      environment.desk.control.act(ticket_id, 'status', { status: 'closed' });
    }
    environment.desk.control.act(filedSoFar[0] ?? 0, 'status', { status: 'active' });
    expect(await click('busy')).toMatchObject({ ticket_id: filedSoFar[0], idempotent: true });
  });

  test('does not answer the ticket of another surface', async () => {
    await reportChecks(one, 'pair', 'up', 'down');
    await reportChecks(one, 'pair-2', 'up', 'down');
    const [left, right] = [await click('pair'), await click('pair-2')];
    expect(left.ticket_id).not.toBe(right.ticket_id);
    expect(right.idempotent).toBe(false);
  });
});
