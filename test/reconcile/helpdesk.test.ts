import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UNWATCHED } from '../../src/db/databaseClock.ts';
import { createFreeScout } from '../../src/tickets/freescout/client.ts';
import { TicketError } from '../../src/tickets/port.ts';
import { filed, POSTS, refusal, reportChecks } from '../support/clickEnvironment.ts';
import { eventually } from '../support/eventually.ts';
import { type ReconcileEnvironment, startReconcileEnvironment } from '../support/reconcileEnvironment.ts';
import { trustedClock } from '../support/trustedClock.ts';

/** What stands on the help desk against what was intended, each broken by hand there or in the database. */

let environment: ReconcileEnvironment;
beforeEach(async () => {
  environment = await startReconcileEnvironment();
});
afterEach(() => environment.close());

async function ticketed(id: string): Promise<number> {
  await environment.emit(id);
  await eventually(async () =>
    expect((await environment.stateOf(`alert:monitor:${id}`))?.state.ticket).toBe('ticketed'),
  );
  return ticketOf(id).id;
}

const ticketOf = (id: string) => {
  const found = environment.tickets().find(({ subject }) => subject.endsWith(`Trouble with ${id}`));
  if (!found) throw new Error(`no ticket about ${id}`);
  return found;
};

const tagsOf = (ticketId: number) => environment.desk.state.tickets.find(({ id }) => id === ticketId)?.tags;
const markerOf = (subject: string) => /AT-\w{10}/.exec(subject)?.[0] ?? '';

function post(subject: string): number {
  return environment.desk.control.file({
    type: 'email',
    mailboxId: environment.desk.operationsMailboxId,
    subject,
    status: 'active',
    customer: { email: 'console-bot@127.0.0.1' },
    threads: [{ type: 'customer', text: 'Posted by somebody else' }],
  });
}

const settings = async () => createFreeScout(environment.config.freescout, { log: { warn: () => undefined } });

describe('tags', () => {
  beforeEach(() => void environment.process());

  test('lost tags are restored once, beside tags that people added', async () => {
    const id = await ticketed('stripped');
    environment.desk.control.act(id, 'add-tag', { tag: 'looked at' });
    for (const tag of ['auto:alert', 'auto:alert:monitor']) environment.desk.control.act(id, 'remove-tag', { tag });
    await environment.refresh();
    expect(await environment.run()).toStrictEqual({ tags_restored: 1 });
    expect(tagsOf(id)?.toSorted()).toStrictEqual(['auto:alert', 'auto:alert:monitor', 'looked at']);
    await environment.refresh();
    expect(await environment.run()).toStrictEqual({});
    expect(await environment.audited()).toMatchObject([
      {
        action: 'console.reconcile.tags_restored',
        payload: { ticket_id: id, tags: ['auto:alert', 'auto:alert:monitor'] },
      },
    ]);
  });

  test('tags that a person removes again stay removed, and that is reported once', async () => {
    const id = await ticketed('unwanted');
    const strip = async () => {
      environment.desk.control.act(id, 'remove-tag', { tag: 'auto:alert' });
      await environment.refresh();
    };
    await strip();
    expect(await environment.run()).toStrictEqual({ tags_restored: 1 });
    await strip();
    expect(await environment.run()).toStrictEqual({ tags_left_off: 1 });
    expect(await environment.run()).toStrictEqual({});
    expect(tagsOf(id)).toStrictEqual(['auto:alert:monitor']);
  });

  test('missing tags of a closed ticket are ignored', async () => {
    const id = await ticketed('closed');
    environment.desk.control.act(id, 'remove-tag', { tag: 'auto:alert' });
    environment.desk.control.act(id, 'status', { status: 'closed' });
    await environment.refresh();
    expect(await environment.run()).toStrictEqual({});
  });

  test('tags restored by a run that ended before reporting them are reported by the next run', async () => {
    const id = await ticketed('cut-off');
    environment.desk.control.act(id, 'remove-tag', { tag: 'auto:alert' });
    await environment.refresh();
    const desk = await settings();
    const dying = {
      ...desk,
      ensureTags: async (...given: Parameters<typeof desk.ensureTags>) => {
        await desk.ensureTags(...given);
        throw new Error('the process ends here');
      },
    };
    await expect(environment.run({ desk: dying })).rejects.toThrow('the process ends here');
    expect(await environment.audited()).toStrictEqual([]);
    await environment.refresh();
    expect(await environment.run()).toStrictEqual({ tags_restored: 1 });
    expect(await environment.run()).toStrictEqual({});
    expect(environment.desk.state.requests.filter(({ method }) => method === 'PUT')).toHaveLength(2);
  });

  test('a ticket that FreeScout cannot read, and changes that cannot be listed, keep no other from its tags', async () => {
    const [poisonous, beside] = [await ticketed('poisonous'), await ticketed('beside')];
    for (const id of [poisonous, beside]) environment.desk.control.act(id, 'remove-tag', { tag: 'auto:alert' });
    await environment.refresh();
    environment.desk.control.faults.add({ kind: 'status', status: 500, path: `/conversations/${poisonous}$` });
    environment.desk.control.faults.add({ kind: 'status', status: 500, path: 'updatedSince' });
    expect(await environment.reconciler().run()).toMatchObject({ desk: 'failed', did: { tags_restored: 1 } });
    expect(tagsOf(beside)).toContain('auto:alert');
    environment.desk.control.faults.clear();
    expect(await environment.reconciler().run()).toMatchObject({ desk: 'looked', did: { tags_restored: 1 } });
  });

  test('tags that were never set, and for which no ticket update is pending, are set', async () => {
    const id = await ticketed('never');
    await environment.pool.query("update filings set phase = 'created'");
    for (const tag of ['auto:alert', 'auto:alert:monitor']) environment.desk.control.act(id, 'remove-tag', { tag });
    await environment.refresh();
    expect(await environment.run()).toStrictEqual({ tags_restored: 1 });
    expect((await environment.pool.query('select phase from filings')).rows).toStrictEqual([{ phase: 'tagged' }]);
  });

  test('tags with a pending ticket update are left to that update', async () => {
    environment.desk.control.faults.add({ kind: 'status', status: 500, method: 'PUT' });
    const id = await ticketed('owed');
    await environment.refresh();
    expect(await environment.run()).toStrictEqual({});
    environment.desk.control.faults.clear();
    await environment.hurry('effect:%chore');
    await eventually(() => expect(tagsOf(id)).toContain('auto:alert'));
  });
});

describe('a ticket that turns up late', () => {
  test('a late ticket of a click that was closed as not found is adopted, tagged, audited once and returned to later clicks', async () => {
    const one = environment.process();
    await environment.surfaces({ id: 'api' });
    await reportChecks(one, 'api', 'up', 'down');
    environment.desk.control.faults.add({ kind: 'reset', when: 'before', ...POSTS });
    expect(await refusal(one.investigate('api', 'olga'))).toMatchObject({ reason: 'outcome_unknown' });
    await environment.endDoubts();
    await eventually(async () =>
      expect((await environment.pool.query('select phase from filings')).rows).toStrictEqual([{ phase: 'withdrawn' }]),
    );
    environment.desk.control.faults.clear();
    // The filing is withdrawn before the actor of the surface has heard of it.
    await environment.settled();
    const { rows } = await environment.pool.query<{ marker: string }>('select marker from filings');
    const late = post(`[${rows[0]?.marker}] DOWN: Surface api (api)`);

    expect(await environment.run()).toStrictEqual({ ticket_adopted: 1 });
    expect(await environment.run()).toStrictEqual({});
    await eventually(() => expect(tagsOf(late)).toStrictEqual(['auto:status', 'auto:status:api']));
    expect(await environment.audit('console.status.ticket_filed')).toMatchObject([
      { actor: 'olga', payload: { surface_id: 'api', status: 'DOWN', ticket_id: late, idempotent: false } },
    ]);
    expect((await environment.audited()).map(({ action }) => action)).toStrictEqual([
      'console.reconcile.ticket_adopted',
    ]);
    expect(await filed(one.investigate('api', 'paul'))).toMatchObject({ ticket_id: late, idempotent: true });
  });

  test('a late ticket of an alert that has ended is tagged, gets a note about the end, and is audited', async () => {
    // The test ends the doubt itself, after the alert is over.
    environment.process({ freescout: { ...environment.config.freescout, inDoubtSeconds: 600 } });
    environment.desk.control.faults.add({ kind: 'reset', when: 'before', ...POSTS });
    await environment.emit('over');
    await eventually(async () =>
      expect((await environment.stateOf('alert:monitor:over'))?.state.ticket).toStrictEqual({ doubtful: 'looking' }),
    );
    await environment.emit('over', { status: 'resolved' });
    await environment.endDoubts();
    await eventually(async () =>
      expect((await environment.pool.query('select phase from filings')).rows).toStrictEqual([{ phase: 'withdrawn' }]),
    );
    environment.desk.control.faults.clear();
    // Until then, a message that FreeScout fails may be on its way to the breaker.
    await environment.settled();
    await environment.pool.query("delete from actors where id = 'helpdesk'");
    const { rows } = await environment.pool.query<{ marker: string }>('select marker from filings');
    const late = post(`[${rows[0]?.marker}] P1: Trouble with over`);

    expect(await environment.run()).toStrictEqual({ ticket_adopted: 1 });
    expect(await environment.run()).toStrictEqual({});
    await eventually(() => expect(environment.notes(late).join()).toContain('Resolved at'));
    expect(tagsOf(late)).toStrictEqual(['auto:alert', 'auto:alert:monitor']);
    expect(await environment.audit('console.alerts.ticket_filed')).toHaveLength(1);
  });

  test('a late ticket of a filing that waits for a retry becomes its ticket, and no second one is posted', async () => {
    environment.desk.control.faults.add({ kind: 'status', status: 401 });
    await environment.emit('planned');
    const one = environment.process();
    await eventually(async () =>
      expect((await environment.stateOf('alert:monitor:planned'))?.state.ticket).toBe('waiting'),
    );
    await one.stop();
    environment.desk.control.faults.clear();
    await environment.pool.query("delete from actors where id = 'helpdesk'");
    const { rows } = await environment.pool.query<{ marker: string }>('select marker from filings');
    const late = post(`[${rows[0]?.marker}] P1: Trouble with planned`);

    expect(await environment.run()).toStrictEqual({ ticket_adopted: 1 });
    expect(await environment.run()).toStrictEqual({});
    environment.process();
    await environment.deliver([{ to: 'alert:monitor:planned', event: { type: 'TRY', probe: false } }]);
    await eventually(async () =>
      expect((await environment.stateOf('alert:monitor:planned'))?.state.ticket).toBe('ticketed'),
    );
    expect(environment.tickets().map(({ id }) => id)).toStrictEqual([late]);
    expect(tagsOf(late)).toStrictEqual(['auto:alert', 'auto:alert:monitor']);
  });

  test('a late ticket is adopted once by two processes at once, and after a process died before reporting it', async () => {
    await environment.emit('twice');
    await environment.pool.query("update filings set phase = 'withdrawn', withdrawn_at = now()");
    await environment.pool.query(
      `update actors set state = jsonb_set(state, '{ticket}', '"heldBack"'),
         snapshot = jsonb_set(jsonb_set(snapshot, '{value,ticket}', '"heldBack"') #- '{children,file}', '{context,filing}', 'null')`,
    );
    const { rows } = await environment.pool.query<{ marker: string }>('select marker from filings');
    const late = post(`[${rows[0]?.marker}] P1: Trouble with twice`);
    const dying = async () => {
      throw new Error('the process ends here');
    };
    await expect(environment.run({ deliver: dying })).rejects.toThrow('the process ends here');
    await Promise.all(Array.from({ length: 3 }, () => environment.reconciler().run()));
    expect(environment.told.ticket_adopted).toBe(1);
    expect(await environment.stateOf('alert:monitor:twice')).toMatchObject({
      state: { ticket: 'ticketed' },
      context: { ticket: { id: late }, reason: null },
    });
    expect(await environment.audit('console.alerts.ticket_filed')).toHaveLength(1);
  });
});

describe('duplicates', () => {
  test('two tickets with one marker are reported once and listed until one is closed, and nothing is deleted', async () => {
    environment.process();
    const first = await ticketed('twin');
    const second = post(ticketOf('twin').subject);
    expect(await environment.run()).toStrictEqual({ twin_found: 1 });
    expect(await environment.run()).toStrictEqual({});
    expect(await environment.audited()).toMatchObject([
      {
        action: 'console.reconcile.twin_found',
        payload: { marker: markerOf(ticketOf('twin').subject), ticket_id: first, twin_id: second },
      },
    ]);
    expect(environment.tickets()).toHaveLength(2);
    const standing = async () =>
      (await environment.pool.query("select 1 from reconcile_findings where kind = 'twin' and settled_at is null"))
        .rowCount;
    expect(await standing()).toBe(1);
    environment.desk.control.act(second, 'status', { status: 'closed' });
    expect(await environment.run()).toStrictEqual({});
    expect(await standing()).toBe(0);
  });

  test('the marker of another ticket in a title or in a mail is no duplicate', async () => {
    environment.process();
    await ticketed('quoted');
    const marker = markerOf(ticketOf('quoted').subject);
    post(`[AT-0000000000] P1: Low disk, see [${marker}]`);
    post(`What is ${marker}?`);
    expect(await environment.run()).toStrictEqual({});
  });

  test('two tickets with one key are reported once', async () => {
    environment.process();
    await ticketed('keyed');
    const second = post('A second one, filed by a process with a restored database');
    await environment.pool.query(
      `insert into filings (id, marker, path, actor_id, subject_key, source, request, phase, ticket_id, ticket_url, filed_at, ticket_status)
       select 'again', 'AT-0000000000', path, actor_id, subject_key, source, request, phase, $1, 'https://desk/2', now(), 'active' from filings`,
      [second],
    );
    expect(await environment.run()).toStrictEqual({ twin_found: 1 });
    expect(await environment.run()).toStrictEqual({});
    expect(await environment.audited()).toMatchObject([
      { payload: { dedup_key: 'alert:monitor:keyed:1', twin_id: second } },
    ]);
  });

  test('the second ticket of a click after the first was closed is no duplicate', async () => {
    const one = environment.process();
    await environment.surfaces({ id: 'api' });
    await reportChecks(one, 'api', 'up', 'down');
    const first = await filed(one.investigate('api', 'olga'));
    environment.desk.control.act(first.ticket_id, 'status', { status: 'closed' });
    await environment.refresh();
    await filed(one.investigate('api', 'olga'));
    expect(await environment.run()).toStrictEqual({});
  });

  test('a duplicate that was permanently deleted is settled after it was looked up', async () => {
    environment.process();
    await ticketed('deleted');
    const second = post(ticketOf('deleted').subject);
    await environment.run();
    environment.desk.control.act(second, 'delete');
    await environment.pool.query("update reconcile_findings set looked_at = now() - interval '11 minutes'");
    expect(await environment.run()).toStrictEqual({});
    expect((await environment.pool.query('select 1 from reconcile_findings where settled_at is null')).rowCount).toBe(
      0,
    );
  });
});

describe('an abandoned intent', () => {
  const forsake = async (id: string, phase: string) => {
    await environment.emit(id);
    await environment.pool.query(
      `update actors set state = jsonb_set(state, '{ticket}', '"rejected"'),
         snapshot = jsonb_set(jsonb_set(snapshot, '{value,ticket}', '"rejected"') #- '{children,file}', '{context,filing}', 'null')`,
    );
    await environment.pool.query("update effects set status = 'cancelled' where child_id = 'file'");
    await environment.pool.query(
      `update filings set phase = $1, created_at = now() - interval '10 minutes',
         attempted_at = case when $1 = 'attempting' then now() - interval '9 minutes' end`,
      [phase],
    );
    return (await environment.pool.query<{ marker: string }>('select marker from filings')).rows[0]?.marker;
  };

  test.each(['planned', 'attempting'])('is closed where it is %s, so that the next one may be filed', async (phase) => {
    await forsake('forsaken', phase);
    expect(await environment.run()).toStrictEqual({ intent_closed: 1 });
    expect(await environment.run()).toStrictEqual({});
    expect((await environment.pool.query('select phase from filings')).rows).toStrictEqual([{ phase: 'withdrawn' }]);
  });

  test('an abandoned intent in doubt is left open by a process that does not know for how long', async () => {
    await forsake('doubtful', 'attempting');
    expect(await environment.run({ clock: UNWATCHED })).toStrictEqual({});
    expect((await environment.pool.query('select phase from filings')).rows).toStrictEqual([{ phase: 'attempting' }]);
  });

  test.each([
    ['knows that its doubt is over', trustedClock],
    ['does not know for how long it is in doubt', UNWATCHED],
  ])('an abandoned intent gets the ticket of its lost attempt from a process that %s', async (_, clock) => {
    const marker = await forsake('made', 'attempting');
    const late = post(`[${marker}] P1: Trouble with made`);
    expect(await environment.run({ clock })).toStrictEqual({ ticket_adopted: 1 });
    expect(await environment.run()).toStrictEqual({});
    expect((await environment.stateOf('alert:monitor:made'))?.context.ticket).toMatchObject({ id: late });
  });
});

describe('the help desk', () => {
  const asked = async (work: () => Promise<unknown>): Promise<number> => {
    const before = environment.desk.state.requests.length;
    await work();
    return environment.desk.state.requests.length - before;
  };

  test('a failing help desk is not called, and the database is repaired all the same', async () => {
    await environment.emit('offline');
    await environment.deliver([{ to: 'helpdesk', event: { type: 'FAILED', who: null, problem: 'unavailable' } }]);
    await environment.pool.query("delete from graphile_worker._private_jobs where key like 'effect:%'");
    expect(await asked(() => environment.reconciler().run())).toBe(0);
    expect(environment.told).toStrictEqual({ effect_requeued: 2 });
    expect((await environment.pool.query('select desk from reconcile_run')).rows).toStrictEqual([{ desk: 'failing' }]);
  });

  test('after a failure in the middle of a run, the next run continues where it stopped', async () => {
    environment.process();
    await ticketed('later');
    post(ticketOf('later').subject);
    const desk = await settings();
    const failing = {
      ...desk,
      changedSince: async () => {
        throw new TicketError('unavailable', 'no answer');
      },
    };
    expect(await environment.reconciler({ desk: failing }).run()).toMatchObject({ desk: 'failed', did: {} });
    expect(await environment.reconciler().run()).toMatchObject({ desk: 'looked', did: { twin_found: 1 } });
  });

  test('a help desk with 1,000 tickets is read in 11 requests once, and in 1 per run after that', async () => {
    environment.process();
    await ticketed('first');
    for (let n = 0; n < 999; n++) post(`[AT-${String(n).padStart(10, '0')}] P1: Somebody’s ticket ${n}`);
    const tickets = environment.desk.state.tickets;
    const start = Date.parse('2026-01-01T00:00:00Z');
    for (const [n, ticket] of tickets.entries()) {
      ticket.updatedAt = new Date(start + n * 20_000).toISOString().replace('.000Z', 'Z');
    }
    await environment.pool.query("update reconcile_run set seen_until = '2025-12-31T23:00:00Z'");
    expect(await asked(() => environment.run())).toBe(11);
    expect(await asked(() => environment.run())).toBe(1);
    environment.desk.control.act(ticketOf('first').id, 'note', { text: 'changed' });
    expect(await asked(() => environment.run())).toBe(1);
  });

  test('hundreds of tickets that changed within one second are read page by page', async () => {
    environment.process();
    await ticketed('bulk');
    for (let n = 0; n < 650; n++) post(`Bulk ${n}`);
    post(ticketOf('bulk').subject);
    for (const ticket of environment.desk.state.tickets) ticket.updatedAt = '2026-01-01T00:00:00Z';
    await environment.pool.query("update reconcile_run set seen_until = '2025-12-31T23:59:00Z'");
    const twin = environment.desk.state.tickets.at(-1);
    if (twin) twin.updatedAt = '2026-01-01T00:00:05Z';
    expect(await environment.run()).toStrictEqual({ twin_found: 1 });
  });

  test('a help desk whose filters are ignored is not read forever', async () => {
    environment.process();
    await ticketed('open');
    await environment.run();
    const desk = await settings();
    environment.desk.control.faults.add({
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
    expect(await asked(() => environment.reconciler({ desk }).run())).toBe(1);
    expect((await environment.pool.query('select desk from reconcile_run')).rows).toStrictEqual([{ desk: 'failed' }]);
  });
});
