import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
let source = '';
let sources = 0;
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
});
beforeEach(() => {
  sources += 1;
  source = `sender-${sources}`;
});
afterAll(() => house.close());

const TITLE = 'The queue is stuck';
const alert = (id: string, more = {}) =>
  ({ alert_id: id, severity: 'P1', status: 'firing', title: TITLE, ...more }) as const;
const send = async (...alerts: ReturnType<typeof alert>[]) => {
  const answer = await one.aggregator.ingest(source, alerts);
  await house.settled();
  return answer.alerts;
};
/** As if so much time had passed since everything of this sender was first seen. */
const later = (seconds = 30) =>
  house.pool.query(
    "update alert_identities set first_seen_at = first_seen_at - $2 * interval '1 second' where alert_key like $1 || ':%'",
    [source, seconds],
  );
const cycle = async (...alerts: ReturnType<typeof alert>[]) => {
  await later();
  return send(...alerts);
};
const tickets = () => house.tickets().filter(({ tags }) => tags.includes(`auto:alert:${source}`));
const skipped = async () =>
  (await house.audit('console.alerts.ticket_skipped'))
    .filter(({ actor }) => actor === source)
    .map(({ payload }) => payload);
const named = async () => (await house.audit('console.alerts.unstable_ids')).filter(({ actor }) => actor === source);
const active = async () => {
  const { rows } = await house.pool.query<{ id: string }>(
    "select id from actors where id like $1 and snapshot->'context'->>'active' = 'true' order by id",
    [`alert:${source}:%`],
  );
  return rows.map(({ id }) => id.split(':').at(-1));
};

describe('a sender that gives one alert a new id each cycle', () => {
  it('is held to exactly one ticket, is named, and its later ids join the first', async () => {
    await send(alert('a'));
    for (const id of ['b', 'c', 'd', 'e', 'f', 'g']) await cycle(alert(id));
    expect(tickets()).toHaveLength(1);
    expect(await active()).toEqual(['a']);
    expect(await skipped()).toEqual(
      ['b', 'c'].map((id) => ({ alert_key: `${source}:${id}`, severity: 'P1', reason: 'unstable_id' })),
    );
    expect((await named()).map(({ payload }) => payload)).toEqual([
      { alert_key: `${source}:a`, source, title: TITLE, surface_id: null, alert_ids: ['a', 'b', 'c', 'd'] },
    ]);
    expect(await cycle(alert('h'))).toEqual([{ alert_key: `${source}:a`, state: 'firing' }]);
    await eventually(() => expect(house.notes(tickets()[0]?.id).join()).toContain('a new id each time'));
    const warnings = house.lines.filter(({ msg }) => msg === 'a sender gives one alert a new id each time');
    expect(warnings).toMatchObject([{ level: 'WARNING', source }]);
  });

  it('is so through a restart and through several processes', async () => {
    const two = house.process();
    await send(alert('a'));
    for (const [n, id] of ['b', 'c', 'd', 'e'].entries()) {
      await later();
      await (n % 2 ? one : two).aggregator.ingest(source, [alert(id)]);
      await house.settled();
    }
    await two.stop();
    await one.stop();
    one = house.process();
    await cycle(alert('f'));
    expect(tickets()).toHaveLength(1);
    expect(await active()).toEqual(['a']);
  });

  it('ends it under whatever id, and begins anew with one ticket', async () => {
    await send(alert('a'));
    for (const id of ['b', 'c', 'd', 'e']) await cycle(alert(id));
    await cycle(alert('z', { status: 'resolved' }));
    expect(await active()).toEqual([]);
    for (const id of ['k', 'l', 'm', 'n', 'o']) await cycle(alert(id));
    expect(tickets()).toHaveLength(2);
    expect(await active()).toEqual(['k']);
  });

  it('is believed again once an id lasts', async () => {
    await send(alert('a'));
    for (const id of ['b', 'c', 'd', 'kept']) await cycle(alert(id));
    await cycle(alert('kept'));
    expect(await active()).toEqual(['a']);
    await cycle(alert('kept'));
    expect(await active()).toEqual(['kept']);
    expect(tickets()).toHaveLength(2);
  });
});

describe('what is truly different', () => {
  it('two alerts of one title that fire together each get a ticket', async () => {
    await send(alert('a'), alert('b'));
    expect(tickets()).toHaveLength(2);
    await cycle(alert('a'), alert('b'));
    expect(await active()).toEqual(['a', 'b']);
  });

  it('one that comes later gets its ticket as soon as its sender repeats it', async () => {
    await send(alert('a'));
    await cycle(alert('b'));
    expect(tickets()).toHaveLength(1);
    await cycle(alert('a'), alert('b'));
    expect(tickets()).toHaveLength(2);
  });

  it('one whose sender never repeats anything gets its ticket when no other id came for a while', async () => {
    await send(alert('a'));
    await cycle(alert('b'));
    expect(tickets()).toHaveLength(1);
    await later(90);
    await house.hurry(`timer:alert:${source}:b:%secondLook%`);
    await house.settled();
    expect(tickets()).toHaveLength(2);
    expect(await named()).toEqual([]);
  });

  it('another title, another surface or another source is another alert', async () => {
    await send(alert('a'));
    for (const [n, id] of ['b', 'c', 'd', 'e'].entries()) await cycle(alert(id, { title: `Queue ${n} is stuck` }));
    expect(tickets()).toHaveLength(5);
    expect(await named()).toEqual([]);
  });

  it('one that ended is not gone on with under a new id', async () => {
    await send(alert('a'));
    await cycle(alert('a', { status: 'resolved' }));
    await cycle(alert('b'));
    expect(tickets()).toHaveLength(2);
  });
});
