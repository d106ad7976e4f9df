import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { EmissionInput } from '../../src/model/alerts.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let processes: ReturnType<typeof environment.process>[];
/** Each test has a source of its own, because a storm is one of a source. */
let source = '';
let sources = 0;
beforeAll(async () => {
  environment = await startEnvironment({ STORM_MAX_TICKETS: '3', STORM_WINDOW_MINUTES: '10' });
  // The time for gathering ends when a test says so, however long a busy machine takes for the storm.
  await environment.pool.query(`
    create function hold_gathering() returns trigger language plpgsql as
      $$ begin new.run_at := new.run_at + interval '1 hour'; return new; end $$;
    create trigger hold_gathering before insert on graphile_worker._private_jobs for each row
      when (new.key like 'timer:umbrella:%messages%') execute function hold_gathering()`);
  processes = [environment.process(), environment.process()];
});
beforeEach(() => {
  sources += 1;
  source = `source-${sources}`;
});
afterAll(() => environment.close());

const NAMES = Array.from({ length: 9 }, (_, n) => `storm-${n}`);

/** Emits alerts through all processes at once. */
const emit = async (ids: string[], status: EmissionInput['status'] = 'firing', from = source) => {
  await Promise.all(
    ids.map((id, n) =>
      processes[n % processes.length]?.aggregator.ingest(from, [
        { alert_id: id, severity: 'P1', status, title: `Trouble with ${id}` },
      ]),
    ),
  );
  await environment.settled();
};
const restart = async () => {
  await Promise.all(processes.map((each) => each.stop()));
  processes = [environment.process(), environment.process()];
};

const tickets = () => environment.tickets().filter(({ tags }) => tags.includes(`auto:alert:${source}`));
const umbrellas = () => tickets().filter(({ subject }) => subject.includes('STORM'));
const ownTickets = () => tickets().filter(({ subject }) => subject.includes('Trouble with'));
const grouped = () => environment.openings().filter(({ text }) => text.includes(`from ${source}`));
/** Of alerts with a ticket of their own, and of the storm. */
const openings = () => environment.openings().filter((message) => content([message]).includes(source));
const content = (messages: { text: string; blocks: unknown[] }[]) =>
  messages.map(({ text, blocks }) => text + JSON.stringify(blocks)).join('\n');
const audited = async (action: string) =>
  (await environment.audit(action)).filter(({ actor }) => actor === source).map(({ payload }) => payload);
const skipped = async () =>
  (await audited('console.alerts.ticket_skipped'))
    .filter(({ reason }) => reason === 'storm')
    .map(({ alert_key }) => String(alert_key));
/** As if the pause between two lists on the umbrella ticket were over. */
const listMembers = async () => {
  await environment.hurry(`timer:umbrella:${source}:%betweenListings%`);
  await environment.settled();
};
/** As if no alert had joined for long enough. A storm does not end before all its alerts are listed. */
const endStorm = async () => {
  await listMembers();
  await environment.hurry(`timer:umbrella:${source}:%calm%`);
  await eventually(() => expect(environment.notes(umbrellas()[0]?.id).at(-1)).toContain('is over'));
  await environment.settled();
};
/** As if the time for gathering alerts for one message were over. */
const sendGrouped = async () => {
  await environment.settled();
  await environment.hurry(`timer:umbrella:${source}:%gathering.messages%`);
  await environment.hurry(`timer:umbrella:${source}:%messages%`);
  await environment.settled();
};

it('beyond the storm limit alerts of a source get one umbrella ticket, through any number of processes', async () => {
  await emit(NAMES);
  expect(ownTickets()).toHaveLength(3);
  expect(umbrellas()).toHaveLength(1);
  expect(umbrellas()[0]?.tags.toSorted()).toEqual(['auto:alert', `auto:alert:${source}`]);
});

it('each alert beyond the storm limit is audited once as skipped', async () => {
  await emit(NAMES);
  await emit(NAMES);
  const filed = (await audited('console.alerts.ticket_filed')).map(({ alert_key }) => alert_key);
  expect([...filed, ...(await skipped())].toSorted()).toEqual(NAMES.map((id) => `${source}:${id}`));
  expect(await skipped()).toHaveLength(6);
});

it('the umbrella ticket lists and counts every alert beyond the storm limit', async () => {
  await emit(NAMES);
  await listMembers();
  const [ticket] = umbrellas();
  const text = `${ticket?.threads[0]?.body} ${environment.notes(ticket?.id).join()}`;
  for (const key of await skipped()) expect(text).toContain(key);
  expect(text).toContain('6 alerts');
});

it('one direct message within a minute lists all alerts beyond the storm limit', async () => {
  await emit(NAMES);
  const { rows } = await environment.pool.query(
    "select max(extract(epoch from due_at - now())) as s from timers where actor_id = $1 and timer_id like '%messages%'",
    [`umbrella:${source}`],
  );
  expect(Number(rows[0]?.s)).toBeLessThan(60);
  await sendGrouped();
  expect(grouped()).toHaveLength(1);
  for (const key of await skipped()) expect(content(grouped()), key).toContain(key);
  expect(openings().length).toBeLessThanOrEqual(3 + 1);
});

it('an alert that joins a storm after a restart is listed on the same umbrella ticket', async () => {
  await emit(NAMES);
  await restart();
  await emit(['late']);
  await listMembers();
  await eventually(() => expect(environment.notes(umbrellas()[0]?.id).join()).toContain(`${source}:late`));
  expect(umbrellas()).toHaveLength(1);
  await sendGrouped();
  await eventually(() => expect(content(grouped())).toContain(`${source}:late`));
});

it('alerts that had joined a storm when every process was stopped are listed once after the restart', async () => {
  await emit(NAMES);
  const ids = ['killed-a', 'killed-b'];
  await processes[0]?.aggregator.ingest(
    source,
    ids.map((id) => ({ alert_id: id, severity: 'P1', status: 'firing', title: `Lost ${id}` })),
  );
  await eventually(async () => expect(await skipped()).toEqual(expect.arrayContaining([`${source}:killed-b`])));
  await restart();
  await environment.settled();
  await listMembers();
  await eventually(() => {
    const notes = environment.notes(umbrellas()[0]?.id).join();
    for (const id of ids) expect(notes.split(`${source}:${id}`)).toHaveLength(2);
  });
  expect(umbrellas()).toHaveLength(1);
});

it('an alert that becomes more severe after the umbrella ticket named it is in the next note there', async () => {
  const rise = async (severity: 'P1' | 'P2') => {
    await processes[0]?.aggregator.ingest(source, [
      { alert_id: 'rises', severity, status: 'firing', title: 'Trouble that rises' },
    ]);
    await environment.settled();
    await listMembers();
  };
  await emit(NAMES);
  await rise('P2');
  const notes = () => environment.notes(umbrellas()[0]?.id);
  await eventually(() => expect(notes().at(-1)).toContain('P2 Trouble that rises'));
  await rise('P1');
  await eventually(() => expect(notes().at(-1)).toMatch(/More severe since they joined:.*P1 Trouble that rises/s));
  expect(umbrellas()).toHaveLength(1);
});

it('a storm of one source does not affect another source', async () => {
  await emit(NAMES);
  await emit(['calm'], 'firing', `calm-${source}`);
  expect(environment.tickets().filter(({ tags }) => tags.includes(`auto:alert:calm-${source}`))).toHaveLength(1);
});

it('the note that ends a storm counts the alerts that are still active, and the ticket stays open', async () => {
  await emit(NAMES);
  await eventually(async () => expect(await skipped()).toHaveLength(6));
  // An alert that ends before it is listed is removed again.
  await listMembers();
  const [first = ''] = await skipped();
  await emit([first.slice(source.length + 1)], 'resolved');
  await endStorm();
  const note = environment.notes(umbrellas()[0]?.id).at(-1);
  expect(note).toContain('6 alerts are on this ticket');
  expect(note).toContain('5 of them are still active');
  expect(umbrellas()[0]?.status).toBe('active');
});

it('after a storm the next alert gets a ticket of its own again', async () => {
  await emit(NAMES);
  await endStorm();
  await environment.pool.query(
    "update filings set admitted_at = admitted_at - interval '11 minutes' where source = $1",
    [source],
  );
  await emit(['after']);
  expect(tickets().filter(({ subject }) => subject.endsWith('Trouble with after'))).toHaveLength(1);
  expect(umbrellas()).toHaveLength(1);
});

it('a source with a limit of its own in the surfaces file has as many tickets and messages of its own', async () => {
  await environment.sources({ id: source, storm_max_tickets: 1 });
  await eventually(async () => {
    for (const each of processes) expect(await each.sources.stormLimits(source)).toMatchObject({ maxTickets: 1 });
  });
  await emit(NAMES.slice(0, 4));
  await eventually(() => expect(umbrellas()).toHaveLength(1));
  expect(tickets().filter(({ subject }) => !subject.includes('STORM'))).toHaveLength(1);
  expect(
    (await environment.audit('console.alerts.ticket_skipped')).filter(({ actor }) => actor === source),
  ).toHaveLength(3);
  await environment.sources();
});
