import { afterAll, beforeAll, expect, it } from 'vitest';
import { listAlerts } from '../../src/alerts/alertList.ts';
import type { EmissionInput } from '../../src/model/alerts.ts';
import { startEnvironment } from '../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment({ REOPEN_WITHIN_MINUTES: '30' });
  await environment.sources({ id: 'strict', reopen_within_minutes: 0 }, { id: 'lenient', reopen_within_minutes: 600 });
  await environment.surfaces({ id: 'inherits' }, { id: 'never', reopen_within_minutes: 0 });
  one = environment.process();
});
afterAll(() => environment.close());

const title = (id: string) => `Trouble with ${id}`;
const tickets = (id: string) => environment.tickets().filter(({ subject }) => `${subject} `.includes(`${title(id)} `));
const openings = (id: string) => environment.openings().filter(({ text }) => text.includes(title(id)));
const audited = async (action: string, id: string) =>
  (await environment.audit(action)).filter(({ payload }) => String(payload.alert_key).endsWith(`:${id}`));

async function send(id: string, status: 'firing' | 'resolved', source = 'monitor', more: Partial<EmissionInput> = {}) {
  await one.aggregator.ingest(source, [{ alert_id: id, severity: 'P1', status, title: title(id), ...more }]);
  await environment.settled();
}

/** Moves what an alert has behind it into the past, as if that much time had passed. */
const pass = (id: string, seconds: number) =>
  environment.pool.query(
    `update actors set snapshot = jsonb_set(jsonb_set(snapshot,
       '{context,endedAt}', coalesce(to_jsonb((snapshot->'context'->>'endedAt')::timestamptz - $2 * interval '1 second'), 'null')),
       '{context,starts}', (select jsonb_agg(start::timestamptz - $2 * interval '1 second')
                            from jsonb_array_elements_text(snapshot->'context'->'starts') start))
     where id like '%:' || $1`,
    [id, seconds],
  );

async function comesBackAfter(id: string, seconds: number, source = 'monitor', more: Partial<EmissionInput> = {}) {
  await send(id, 'resolved', source, more);
  await pass(id, seconds);
  await send(id, 'firing', source, more);
}

it('an alert that fires and resolves every 150 s has one ticket with notes, and a message each time', async () => {
  await send('every-150-s', 'firing');
  for (let round = 0; round < 5; round++) {
    await pass('every-150-s', 75);
    await comesBackAfter('every-150-s', 75);
  }
  const [ticket] = tickets('every-150-s');
  expect(tickets('every-150-s')).toHaveLength(1);
  const notes = environment.notes(ticket?.id);
  expect(notes.filter((note) => note.includes('Active again since'))).toHaveLength(5);
  expect(notes.filter((note) => note.includes('Resolved at'))).toHaveLength(5);
  const { rows } = await listAlerts(environment.pool, { q: 'every-150-s', limit: 5, silentAfterSeconds: {} });
  expect(rows).toMatchObject([{ state: 'firing', episode: 6, ticket: { id: ticket?.id }, ticket_continued: true }]);
  expect(openings('every-150-s')).toHaveLength(6);
  expect(openings('every-150-s').at(-1)?.text).toContain('Active again, P1');
  expect(openings('every-150-s').at(-1)?.text).toContain(`/conversation/${ticket?.id}`);
  expect(await audited('console.alerts.ticket_filed', 'every-150-s')).toHaveLength(1);
  const continued = await audited('console.alerts.ticket_continued', 'every-150-s');
  expect(continued).toHaveLength(5);
  expect(continued[0]).toMatchObject({
    actor: 'monitor',
    payload: { alert_key: 'monitor:every-150-s', severity: 'P1', ticket_id: ticket?.id },
  });
});

it('a ticket that a person closed is not continued, and the new one links it', async () => {
  await send('closed', 'firing');
  const [first] = tickets('closed');
  if (first) first.status = 'closed';
  await comesBackAfter('closed', 60);
  expect(tickets('closed')).toHaveLength(2);
  expect(tickets('closed')[1]?.threads[0]?.body).toContain(`/conversation/${first?.id}`);
  await comesBackAfter('closed', 60);
  expect(tickets('closed')).toHaveLength(2);
  expect(environment.notes(tickets('closed')[1]?.id).at(-1)).toContain('Active again since');
});

it('an episode that begins after the window has a new ticket', async () => {
  await send('late', 'firing');
  await comesBackAfter('late', 30 * 60);
  expect(tickets('late')).toHaveLength(2);
  await comesBackAfter('late', 29 * 60);
  expect(tickets('late')).toHaveLength(2);
});

it.each<[what: string, id: string, source: string, surface: string | undefined, seconds: number, filed: number]>([
  ['a source with 0 never continues a ticket', 'own-0', 'strict', undefined, 60, 2],
  ['a source with a longer window uses its own', 'own-600', 'lenient', undefined, 5 * 3_600, 1],
  ['a source without a value uses the setting', 'unset', 'other', undefined, 60, 1],
  ['an alert about a surface with 0 never continues a ticket', 'surface-0', 'lenient', 'never', 60, 2],
  ['an alert about a surface without a value uses that of its source', 'surface-unset', 'strict', 'inherits', 60, 2],
])('%s', async (_what, id, source, surface_id, seconds, filed) => {
  await send(id, 'firing', source, { surface_id });
  await comesBackAfter(id, seconds, source, { surface_id });
  expect(tickets(id)).toHaveLength(filed);
});

it('a ticket is continued once although its process stops while it reads the ticket', async () => {
  await send('restart', 'firing');
  await send('restart', 'resolved');
  const path = `/api/conversations/${tickets('restart')[0]?.id}`;
  environment.desk.control.faults.add({ kind: 'delay', method: 'GET', path, delay_ms: 2_000, times: 1 });
  await one.aggregator.ingest('monitor', [
    { alert_id: 'restart', severity: 'P1', status: 'firing', title: title('restart') },
  ]);
  await one.stop();
  one = environment.process();
  await environment.settled();
  expect(tickets('restart')).toHaveLength(1);
  const notes = environment.notes(tickets('restart')[0]?.id);
  expect(notes.filter((note) => note.includes('Active again since'))).toHaveLength(1);
  expect(await audited('console.alerts.ticket_continued', 'restart')).toHaveLength(1);
});

it('while FreeScout fails nothing is concluded about the ticket, and afterwards it continues', async () => {
  await send('down', 'firing');
  await send('down', 'resolved');
  environment.desk.control.faults.add({ kind: 'status', status: 503, path: '/api/' });
  await send('down', 'firing');
  environment.desk.control.faults.clear();
  await environment.hurry('timer:helpdesk:%betweenTries%');
  await environment.settled();
  expect(tickets('down')).toHaveLength(1);
  expect(await audited('console.alerts.ticket_continued', 'down')).toHaveLength(1);
});
