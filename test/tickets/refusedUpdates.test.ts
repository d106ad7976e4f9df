import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

/** Notes and tags, while FreeScout answers each of them with 400 as it does a field that it does not accept. */

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment({ STORM_MAX_TICKETS: '3' });
  one = environment.process();
});
afterEach(() => environment.desk.control.faults.clear());
afterAll(() => environment.close());

const refuse = (what: { method: string; path: string }, field: string) => {
  const errors = [{ path: field, message: `\`${field}\` parameter is required`, source: 'JSON' }];
  const body = JSON.stringify({ message: 'Error occurred', _embedded: { errors } });
  environment.desk.control.faults.add({ kind: 'status', status: 400, body, ...what });
};
const refuseNotes = () => refuse({ method: 'POST', path: '/threads$' }, 'type');
const ticketAbout = (title: string) => environment.tickets().find(({ subject }) => subject.includes(title));
const updatesOf = async (actorId: string) =>
  (
    await environment.pool.query<{ status: string; attempts: number }>(
      "select status, attempts from effects where actor_id = $1 and src = 'keepTicket' order by created_at",
      [actorId],
    )
  ).rows;
const waitsAfterRefusal = async (actorId: string) =>
  eventually(async () => {
    const [update] = await updatesOf(actorId);
    expect(update?.attempts).toBeGreaterThan(0);
    expect(update?.status).not.toBe('done');
  });

it('a note that FreeScout refuses, like every other for a while, is written once after that', async () => {
  await one.fire('noted');
  await environment.settled();
  const ticket = ticketAbout('Trouble with noted');
  refuseNotes();
  await one.resolve('noted');
  await waitsAfterRefusal('alert:monitor:noted');
  await environment.settled();
  expect(environment.notes(ticket?.id)).toEqual([]);

  environment.desk.control.faults.clear();
  await eventually(async () => {
    await environment.hurry('effect:alert:monitor:noted:%');
    expect(environment.notes(ticket?.id)).not.toEqual([]);
  });
  await environment.settled();
  expect(environment.notes(ticket?.id)).toEqual([expect.stringContaining('Resolved')]);
  expect(await updatesOf('alert:monitor:noted')).toMatchObject([{ status: 'done' }]);
});

it('tags that FreeScout refuses, like all others for a while, are set after that', async () => {
  refuse({ method: 'PUT', path: '/tags$' }, 'tags');
  await one.fire('tagged');
  await waitsAfterRefusal('alert:monitor:tagged');
  await environment.settled();
  expect(ticketAbout('Trouble with tagged')?.tags).toEqual([]);

  environment.desk.control.faults.clear();
  await eventually(async () => {
    await environment.hurry('effect:alert:monitor:tagged:%');
    expect(ticketAbout('Trouble with tagged')?.tags).not.toEqual([]);
  });
  await environment.settled();
  expect(ticketAbout('Trouble with tagged')?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:monitor']);
  expect(await updatesOf('alert:monitor:tagged')).toMatchObject([{ status: 'done' }]);
});

it('an umbrella ticket names each alert once after FreeScout refused the notes about them for a while', async () => {
  const ids = Array.from({ length: 33 }, (_, n) => `member-${String(n).padStart(2, '0')}`);
  const fire = async (some: string[]) => {
    await one.aggregator.ingest(
      'crowd',
      some.map((id) => ({ alert_id: id, severity: 'P1', status: 'firing', title: `Trouble with ${id}` })),
    );
    await environment.settled();
  };
  const umbrella = () => ticketAbout('STORM');
  const listMembers = () => environment.hurry('timer:umbrella:crowd:%betweenListings%');
  // Three have tickets of their own, and the ticket of the storm names the fourth.
  await fire(ids.slice(0, 4));
  await eventually(() => expect(umbrella()).toBeDefined());
  refuseNotes();
  await fire(ids.slice(4));
  await eventually(async () => {
    await listMembers();
    expect(await updatesOf('umbrella:crowd')).not.toEqual([]);
  });
  await waitsAfterRefusal('umbrella:crowd');
  await environment.settled();
  expect(environment.notes(umbrella()?.id)).toEqual([]);

  environment.desk.control.faults.clear();
  const skipped = (await environment.audit('console.alerts.ticket_skipped'))
    .filter(({ actor, payload }) => actor === 'crowd' && payload.reason === 'storm')
    .map(({ payload }) => String(payload.alert_key));
  expect(skipped).toHaveLength(30);
  const times = (key: string) => {
    const text = [umbrella()?.threads[0]?.body, ...environment.notes(umbrella()?.id)].join();
    return text.split(`<code>${key}</code>`).length - 1;
  };
  await eventually(async () => {
    await environment.hurry('effect:umbrella:crowd:%');
    await listMembers();
    expect(skipped.filter((key) => times(key) !== 1)).toEqual([]);
  });
  await environment.settled();
  expect((await updatesOf('umbrella:crowd')).filter(({ status }) => status !== 'done')).toEqual([]);
});
