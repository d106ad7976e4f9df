import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFreeScout } from '../../src/tickets/freescout/client.ts';
import { TicketError } from '../../src/tickets/port.ts';
import { filed, POSTS, refusal, reportChecks } from '../support/clickEnvironment.ts';
import { eventually } from '../support/eventually.ts';
import { type ReconcileEnvironment, startReconcileEnvironment } from '../support/reconcileEnvironment.ts';

/** What stands on the help desk against what was intended, each broken by hand there or in the database. */

let house: ReconcileEnvironment;
beforeEach(async () => {
  house = await startReconcileEnvironment();
});
afterEach(() => house.close());

async function ticketed(id: string): Promise<number> {
  await house.emit(id);
  await eventually(async () => expect((await house.stateOf(`alert:monitor:${id}`))?.state.ticket).toBe('ticketed'));
  return ticketOf(id).id;
}

const ticketOf = (id: string) => {
  const found = house.tickets().find(({ subject }) => subject.endsWith(`Trouble with ${id}`));
  if (!found) throw new Error(`no ticket about ${id}`);
  return found;
};

const tagsOf = (ticketId: number) => house.desk.state.tickets.find(({ id }) => id === ticketId)?.tags;
const markerOf = (subject: string) => /AT-\w{10}/.exec(subject)?.[0] ?? '';

function post(subject: string): number {
  return house.desk.control.file({
    type: 'email',
    mailboxId: house.desk.operationsMailboxId,
    subject,
    status: 'active',
    customer: { email: 'console-bot@127.0.0.1' },
    threads: [{ type: 'customer', text: 'Posted by somebody else' }],
  });
}

const settings = async () => createFreeScout(house.config.freescout, { log: { warn: () => undefined } });

describe('tags', () => {
  beforeEach(() => void house.process());

  test('that were lost are put back once, beside those of people', async () => {
    const id = await ticketed('stripped');
    house.desk.control.act(id, 'add-tag', { tag: 'looked at' });
    for (const tag of ['auto:alert', 'auto:alert:monitor']) house.desk.control.act(id, 'remove-tag', { tag });
    await house.refresh();
    expect(await house.run()).toStrictEqual({ tags_restored: 1 });
    expect(tagsOf(id)?.toSorted()).toStrictEqual(['auto:alert', 'auto:alert:monitor', 'looked at']);
    await house.refresh();
    expect(await house.run()).toStrictEqual({});
    expect(await house.audited()).toMatchObject([
      {
        action: 'console.reconcile.tags_restored',
        payload: { ticket_id: id, tags: ['auto:alert', 'auto:alert:monitor'] },
      },
    ]);
  });

  test('that a person takes off again are left off, and that is told once', async () => {
    const id = await ticketed('unwanted');
    const strip = async () => {
      house.desk.control.act(id, 'remove-tag', { tag: 'auto:alert' });
      await house.refresh();
    };
    await strip();
    expect(await house.run()).toStrictEqual({ tags_restored: 1 });
    await strip();
    expect(await house.run()).toStrictEqual({ tags_left_off: 1 });
    expect(await house.run()).toStrictEqual({});
    expect(tagsOf(id)).toStrictEqual(['auto:alert:monitor']);
  });

  test('of a closed ticket are nobody’s business any more', async () => {
    const id = await ticketed('closed');
    house.desk.control.act(id, 'remove-tag', { tag: 'auto:alert' });
    house.desk.control.act(id, 'status', { status: 'closed' });
    await house.refresh();
    expect(await house.run()).toStrictEqual({});
  });

  test('that were put back by a run which ended before it could say so are told by the next', async () => {
    const id = await ticketed('cut-off');
    house.desk.control.act(id, 'remove-tag', { tag: 'auto:alert' });
    await house.refresh();
    const desk = await settings();
    const dying = {
      ...desk,
      ensureTags: async (...given: Parameters<typeof desk.ensureTags>) => {
        await desk.ensureTags(...given);
        throw new Error('the process ends here');
      },
    };
    await expect(house.run({ desk: dying })).rejects.toThrow('the process ends here');
    expect(await house.audited()).toStrictEqual([]);
    await house.refresh();
    expect(await house.run()).toStrictEqual({ tags_restored: 1 });
    expect(await house.run()).toStrictEqual({});
    expect(house.desk.state.requests.filter(({ method }) => method === 'PUT')).toHaveLength(2);
  });

  test('that never came about, and that nobody owes any more, are set', async () => {
    const id = await ticketed('never');
    await house.pool.query("update filings set phase = 'created'");
    for (const tag of ['auto:alert', 'auto:alert:monitor']) house.desk.control.act(id, 'remove-tag', { tag });
    await house.refresh();
    expect(await house.run()).toStrictEqual({ tags_restored: 1 });
    expect((await house.pool.query('select phase from filings')).rows).toStrictEqual([{ phase: 'tagged' }]);
  });

  test('that a duty of the actor is about to set are left to it', async () => {
    house.desk.control.faults.add({ kind: 'status', status: 500, method: 'PUT' });
    const id = await ticketed('owed');
    await house.refresh();
    expect(await house.run()).toStrictEqual({});
    house.desk.control.faults.clear();
    await house.hurry('effect:%chore');
    await eventually(() => expect(tagsOf(id)).toContain('auto:alert'));
  });
});

describe('a ticket that turns up late', () => {
  test('for a click that was closed as not found is taken in, tagged, audited once and answered to later clicks', async () => {
    const one = house.process();
    await house.surfaces({ id: 'api' });
    await reportChecks(one, 'api', 'up', 'down');
    house.desk.control.faults.add({ kind: 'reset', when: 'before', ...POSTS });
    expect(await refusal(one.investigate('api', 'olga'))).toMatchObject({ reason: 'outcome_unknown' });
    await house.endDoubts();
    await eventually(async () =>
      expect((await house.pool.query('select phase from filings')).rows).toStrictEqual([{ phase: 'withdrawn' }]),
    );
    house.desk.control.faults.clear();
    const { rows } = await house.pool.query<{ marker: string }>('select marker from filings');
    const late = post(`[${rows[0]?.marker}] DOWN: Surface api (api)`);

    expect(await house.run()).toStrictEqual({ ticket_adopted: 1 });
    expect(await house.run()).toStrictEqual({});
    await eventually(() => expect(tagsOf(late)).toStrictEqual(['auto:status', 'auto:status:api']));
    expect(await house.audit('console.status.ticket_filed')).toMatchObject([
      { actor: 'olga', payload: { surface_id: 'api', status: 'DOWN', ticket_id: late, idempotent: false } },
    ]);
    expect((await house.audited()).map(({ action }) => action)).toStrictEqual(['console.reconcile.ticket_adopted']);
    expect(await filed(one.investigate('api', 'paul'))).toMatchObject({ ticket_id: late, idempotent: true });
  });

  test('for an alert that is over is tagged, told that it is over, and audited', async () => {
    // The test ends the doubt itself, after the alert is over.
    house.process({ freescout: { ...house.config.freescout, inDoubtSeconds: 600 } });
    house.desk.control.faults.add({ kind: 'reset', when: 'before', ...POSTS });
    await house.emit('over');
    await eventually(async () =>
      expect((await house.stateOf('alert:monitor:over'))?.state.ticket).toStrictEqual({ doubtful: 'looking' }),
    );
    await house.emit('over', { status: 'resolved' });
    await house.endDoubts();
    await eventually(async () =>
      expect((await house.pool.query('select phase from filings')).rows).toStrictEqual([{ phase: 'withdrawn' }]),
    );
    house.desk.control.faults.clear();
    await house.pool.query("delete from actors where id = 'helpdesk'");
    const { rows } = await house.pool.query<{ marker: string }>('select marker from filings');
    const late = post(`[${rows[0]?.marker}] P1: Trouble with over`);

    expect(await house.run()).toStrictEqual({ ticket_adopted: 1 });
    expect(await house.run()).toStrictEqual({});
    await eventually(() => expect(house.notes(late).join()).toContain('Resolved at'));
    expect(tagsOf(late)).toStrictEqual(['auto:alert', 'auto:alert:monitor']);
    expect(await house.audit('console.alerts.ticket_filed')).toHaveLength(1);
  });

  test('for a filing that waits to be tried again is its ticket, and no second one is posted', async () => {
    house.desk.control.faults.add({ kind: 'status', status: 401 });
    await house.emit('planned');
    const one = house.process();
    await eventually(async () => expect((await house.stateOf('alert:monitor:planned'))?.state.ticket).toBe('waiting'));
    await one.stop();
    house.desk.control.faults.clear();
    await house.pool.query("delete from actors where id = 'helpdesk'");
    const { rows } = await house.pool.query<{ marker: string }>('select marker from filings');
    const late = post(`[${rows[0]?.marker}] P1: Trouble with planned`);

    expect(await house.run()).toStrictEqual({ ticket_adopted: 1 });
    expect(await house.run()).toStrictEqual({});
    house.process();
    await house.deliver([{ to: 'alert:monitor:planned', event: { type: 'TRY', probe: false } }]);
    await eventually(async () => expect((await house.stateOf('alert:monitor:planned'))?.state.ticket).toBe('ticketed'));
    expect(house.tickets().map(({ id }) => id)).toStrictEqual([late]);
    expect(tagsOf(late)).toStrictEqual(['auto:alert', 'auto:alert:monitor']);
  });

  test('is taken in once by two processes at once, and by the next one where the first died before it said so', async () => {
    await house.emit('twice');
    await house.pool.query("update filings set phase = 'withdrawn', withdrawn_at = now()");
    await house.pool.query(
      `update actors set state = jsonb_set(state, '{ticket}', '"heldBack"'),
         snapshot = jsonb_set(jsonb_set(snapshot, '{value,ticket}', '"heldBack"') #- '{children,file}', '{context,filing}', 'null')`,
    );
    const { rows } = await house.pool.query<{ marker: string }>('select marker from filings');
    const late = post(`[${rows[0]?.marker}] P1: Trouble with twice`);
    const dying = async () => {
      throw new Error('the process ends here');
    };
    await expect(house.run({ deliver: dying })).rejects.toThrow('the process ends here');
    await Promise.all(Array.from({ length: 3 }, () => house.reconciler().run()));
    expect(house.told.ticket_adopted).toBe(1);
    expect(await house.stateOf('alert:monitor:twice')).toMatchObject({
      state: { ticket: 'ticketed' },
      context: { ticket: { id: late }, reason: null },
    });
    expect(await house.audit('console.alerts.ticket_filed')).toHaveLength(1);
  });
});

describe('twins', () => {
  test('with one marker are reported once, stand until one is closed, and nothing is deleted', async () => {
    house.process();
    const first = await ticketed('twin');
    const second = post(ticketOf('twin').subject);
    expect(await house.run()).toStrictEqual({ twin_found: 1 });
    expect(await house.run()).toStrictEqual({});
    expect(await house.audited()).toMatchObject([
      {
        action: 'console.reconcile.twin_found',
        payload: { marker: markerOf(ticketOf('twin').subject), ticket_id: first, twin_id: second },
      },
    ]);
    expect(house.tickets()).toHaveLength(2);
    const standing = async () =>
      (await house.pool.query("select 1 from reconcile_findings where kind = 'twin' and settled_at is null")).rowCount;
    expect(await standing()).toBe(1);
    house.desk.control.act(second, 'status', { status: 'closed' });
    expect(await house.run()).toStrictEqual({});
    expect(await standing()).toBe(0);
  });

  test('with one key are reported once', async () => {
    house.process();
    await ticketed('keyed');
    const second = post('A second one, filed by a process with a restored database');
    await house.pool.query(
      `insert into filings (id, marker, path, actor_id, subject_key, source, request, phase, ticket_id, ticket_url, filed_at, ticket_status)
       select 'again', 'AT-0000000000', path, actor_id, subject_key, source, request, phase, $1, 'https://desk/2', now(), 'active' from filings`,
      [second],
    );
    expect(await house.run()).toStrictEqual({ twin_found: 1 });
    expect(await house.run()).toStrictEqual({});
    expect(await house.audited()).toMatchObject([{ payload: { dedup_key: 'alert:monitor:keyed:1', twin_id: second } }]);
  });

  test('are not a click’s second ticket after the first was closed', async () => {
    const one = house.process();
    await house.surfaces({ id: 'api' });
    await reportChecks(one, 'api', 'up', 'down');
    const first = await filed(one.investigate('api', 'olga'));
    house.desk.control.act(first.ticket_id, 'status', { status: 'closed' });
    await house.refresh();
    await filed(one.investigate('api', 'olga'));
    expect(await house.run()).toStrictEqual({});
  });

  test('of which one was deleted for ever stand no longer after a look at it', async () => {
    house.process();
    await ticketed('deleted');
    const second = post(ticketOf('deleted').subject);
    await house.run();
    house.desk.control.act(second, 'delete');
    await house.pool.query("update reconcile_findings set looked_at = now() - interval '11 minutes'");
    expect(await house.run()).toStrictEqual({});
    expect((await house.pool.query('select 1 from reconcile_findings where settled_at is null')).rowCount).toBe(0);
  });
});

describe('an intent that nobody waits for', () => {
  const forsake = async (id: string, phase: string) => {
    await house.emit(id);
    await house.pool.query(
      `update actors set state = jsonb_set(state, '{ticket}', '"rejected"'),
         snapshot = jsonb_set(jsonb_set(snapshot, '{value,ticket}', '"rejected"') #- '{children,file}', '{context,filing}', 'null')`,
    );
    await house.pool.query("update effects set status = 'cancelled' where child_id = 'file'");
    await house.pool.query(
      `update filings set phase = $1, created_at = now() - interval '10 minutes',
         attempted_at = case when $1 = 'attempting' then now() - interval '9 minutes' end`,
      [phase],
    );
    return (await house.pool.query<{ marker: string }>('select marker from filings')).rows[0]?.marker;
  };

  test.each(['planned', 'attempting'])('is closed where it is %s, so that the next one may be filed', async (phase) => {
    await forsake('forsaken', phase);
    expect(await house.run()).toStrictEqual({ intent_closed: 1 });
    expect(await house.run()).toStrictEqual({});
    expect((await house.pool.query('select phase from filings')).rows).toStrictEqual([{ phase: 'withdrawn' }]);
  });

  test('is given the ticket that its lost attempt has made', async () => {
    const marker = await forsake('made', 'attempting');
    const late = post(`[${marker}] P1: Trouble with made`);
    expect(await house.run()).toStrictEqual({ ticket_adopted: 1 });
    expect(await house.run()).toStrictEqual({});
    expect((await house.stateOf('alert:monitor:made'))?.context.ticket).toMatchObject({ id: late });
  });
});

describe('the help desk', () => {
  const asked = async (work: () => Promise<unknown>): Promise<number> => {
    const before = house.desk.state.requests.length;
    await work();
    return house.desk.state.requests.length - before;
  };

  test('is not asked while it is held to be down, and what the database says is mended all the same', async () => {
    await house.emit('offline');
    await house.deliver([{ to: 'helpdesk', event: { type: 'FAILED', who: null, problem: 'unavailable' } }]);
    await house.pool.query("delete from graphile_worker._private_jobs where key like 'effect:%'");
    expect(await asked(() => house.reconciler().run())).toBe(0);
    expect(house.told).toStrictEqual({ effect_requeued: 2 });
    expect((await house.pool.query('select desk from reconcile_run')).rows).toStrictEqual([{ desk: 'failing' }]);
  });

  test('that fails in the middle of a run is asked again by the next, from where that one stopped', async () => {
    house.process();
    await ticketed('later');
    post(ticketOf('later').subject);
    const desk = await settings();
    const failing = {
      ...desk,
      changedSince: async () => {
        throw new TicketError('unavailable', 'no answer');
      },
    };
    expect(await house.reconciler({ desk: failing }).run()).toMatchObject({ desk: 'failed', did: {} });
    expect(await house.reconciler().run()).toMatchObject({ desk: 'looked', did: { twin_found: 1 } });
  });

  test('of 1,000 tickets is gone through in 11 requests once, and in 1 each minute after that', async () => {
    house.process();
    await ticketed('first');
    for (let n = 0; n < 999; n++) post(`[AT-${String(n).padStart(10, '0')}] P1: Somebody’s ticket ${n}`);
    const tickets = house.desk.state.tickets;
    const start = Date.parse('2026-01-01T00:00:00Z');
    for (const [n, ticket] of tickets.entries()) {
      ticket.updatedAt = new Date(start + n * 20_000).toISOString().replace('.000Z', 'Z');
    }
    await house.pool.query("update reconcile_run set seen_until = '2025-12-31T23:00:00Z'");
    expect(await asked(() => house.run())).toBe(11);
    expect(await asked(() => house.run())).toBe(1);
    house.desk.control.act(ticketOf('first').id, 'note', { text: 'changed' });
    expect(await asked(() => house.run())).toBe(1);
  });

  test('goes on from page to page also where hundreds of tickets changed within one second', async () => {
    house.process();
    await ticketed('bulk');
    for (let n = 0; n < 650; n++) post(`Bulk ${n}`);
    post(ticketOf('bulk').subject);
    for (const ticket of house.desk.state.tickets) ticket.updatedAt = '2026-01-01T00:00:00Z';
    await house.pool.query("update reconcile_run set seen_until = '2025-12-31T23:59:00Z'");
    const twin = house.desk.state.tickets.at(-1);
    if (twin) twin.updatedAt = '2026-01-01T00:00:05Z';
    expect(await house.run()).toStrictEqual({ twin_found: 1 });
  });

  test('whose filters fail open is not read for ever', async () => {
    house.process();
    await ticketed('open');
    await house.run();
    const desk = await settings();
    house.desk.control.faults.add({
      kind: 'rubbish200',
      method: 'GET',
      path: 'updatedSince',
      body: JSON.stringify({
        _embedded: {
          conversations: [
            {
              id: 1,
              status: 'active',
              state: 'published',
              subject: 'x',
              mailboxId: 1,
              createdAt: '2001-01-01T00:00:00Z',
            },
          ],
        },
        page: { totalPages: 9_999 },
      }),
    });
    expect(await asked(() => house.reconciler({ desk }).run())).toBe(1);
    expect((await house.pool.query('select desk from reconcile_run')).rows).toStrictEqual([{ desk: 'failed' }]);
  });
});
