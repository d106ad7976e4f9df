import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
let source = '';
let sources = 0;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
beforeEach(() => {
  sources += 1;
  source = `sender-${sources}`;
});
afterAll(() => environment.close());

const TITLE = 'The queue is stuck';
const alert = (id: string, more = {}) =>
  ({ alert_id: id, severity: 'P1', status: 'firing', title: TITLE, ...more }) as const;
const send = async (...alerts: ReturnType<typeof alert>[]) => {
  const answer = await one.aggregator.ingest(source, alerts);
  await environment.settled();
  return answer.alerts;
};
/** As if so much time had passed since everything of this sender was first seen. */
const later = (seconds = 30) =>
  environment.pool.query(
    "update alert_identities set first_seen_at = first_seen_at - $2 * interval '1 second' where alert_key like $1 || ':%'",
    [source, seconds],
  );
const cycle = async (...alerts: ReturnType<typeof alert>[]) => {
  await later();
  return send(...alerts);
};
const tickets = () => environment.tickets().filter(({ tags }) => tags.includes(`auto:alert:${source}`));
const skipped = async () =>
  (await environment.audit('console.alerts.ticket_skipped'))
    .filter(({ actor }) => actor === source)
    .map(({ payload }) => payload);
const named = async () =>
  (await environment.audit('console.alerts.unstable_ids')).filter(({ actor }) => actor === source);
const active = async () => {
  const { rows } = await environment.pool.query<{ id: string }>(
    "select id from actors where id like $1 and snapshot->'context'->>'active' = 'true' order by id",
    [`alert:${source}:%`],
  );
  return rows.map(({ id }) => id.split(':').at(-1));
};

describe('a sender that gives one alert a new id each cycle', () => {
  it('gets exactly one ticket, is audited, and its later ids join the first', async () => {
    await send(alert('a'));
    for (const id of ['b', 'c', 'd', 'e', 'f', 'g', 'h']) await cycle(alert(id));
    expect(tickets()).toHaveLength(1);
    expect(await active()).toEqual(['a']);
    expect(await skipped()).toEqual(
      ['b', 'c', 'd', 'e'].map((id) => ({ alert_key: `${source}:${id}`, severity: 'P1', reason: 'unstable_id' })),
    );
    expect((await named()).map(({ payload }) => payload)).toEqual([
      { alert_key: `${source}:a`, source, title: TITLE, surface_id: null, alert_ids: ['a', 'b', 'c', 'd', 'e', 'f'] },
    ]);
    expect(await cycle(alert('i'))).toEqual([{ alert_key: `${source}:a`, state: 'firing' }]);
    await eventually(() => expect(environment.notes(tickets()[0]?.id).join()).toContain('a new id each time'));
    const warnings = environment.lines.filter(
      (line) => line.msg === 'a sender gives one alert a new id each time' && line.source === source,
    );
    expect(warnings).toMatchObject([{ level: 'WARNING', source }]);
  });

  it('is detected through a restart and several processes', async () => {
    const two = environment.process();
    await send(alert('a'));
    for (const [n, id] of ['b', 'c', 'd', 'e', 'f', 'g'].entries()) {
      await later();
      await (n % 2 ? one : two).aggregator.ingest(source, [alert(id)]);
      await environment.settled();
    }
    await two.stop();
    await one.stop();
    one = environment.process();
    await cycle(alert('h'));
    expect(tickets()).toHaveLength(1);
    expect(await active()).toEqual(['a']);
  });

  it('can resolve it under any id with other details, and its next episode gets one ticket', async () => {
    const stuck = { details: 'It does not move' };
    await send(alert('a', stuck));
    for (const id of ['b', 'c', 'd', 'e', 'f', 'g']) await cycle(alert(id, stuck));
    await cycle(alert('z', { status: 'resolved', details: 'It moves again' }));
    expect(await active()).toEqual([]);
    for (const id of ['k', 'l', 'm', 'n', 'o', 'p', 'q']) await cycle(alert(id, stuck));
    expect(tickets()).toHaveLength(2);
    expect(await active()).toEqual(['k']);
  });

  it.each([
    ['resolves it', alert('z', { status: 'resolved' })],
    ['repeats an id', alert('kept')],
  ])('ends it when it %s, also where the first delivery of that fails', async (_, emission) => {
    await send(alert('a'));
    for (const id of ['b', 'c', 'd', 'e', 'f', 'kept']) await cycle(alert(id));
    await later(60);
    const lost = () => Promise.reject(new Error('the lease is lost'));
    await expect(one.aggregator.ingest(source, [emission], lost)).rejects.toThrow('the lease is lost');
    expect(await active()).toEqual(['a']);
    await send(emission);
    expect(await active()).not.toContain('a');
    const { rows } = await environment.pool.query('select 1 from unstable_alerts where alert_key = $1', [
      `${source}:a`,
    ]);
    expect(rows).toEqual([]);
  });

  it('gets a ticket for each of two alerts that a person can tell apart, and a third one ends by itself', async () => {
    const [one, two, three] = ['db-1', 'db-2', 'db-3'].map((host) => ({ details: `${host} does not answer` }));
    await send(alert('a0', one), alert('b0', two), alert('c', three));
    for (const n of [1, 2, 3, 4, 5, 6]) await cycle(alert(`a${n}`, one), alert(`b${n}`, two));
    expect(tickets()).toHaveLength(3);
    expect(await active()).toEqual(['a0', 'b0', 'c']);
    await send(alert('c', { status: 'resolved' }));
    expect(await active()).toEqual(['a0', 'b0']);
    await send(alert('a7', { ...one, status: 'resolved' }));
    expect(await active()).toEqual(['b0']);
  });

  it('gets separate tickets again once it repeats an id', async () => {
    await send(alert('a'));
    for (const id of ['b', 'c', 'd', 'e', 'f', 'kept']) await cycle(alert(id));
    await cycle(alert('kept'));
    expect(await active()).toEqual(['a']);
    await cycle(alert('kept'));
    expect(await active()).toEqual(['kept']);
    expect(tickets()).toHaveLength(2);
  });
});

describe('alerts that are really different', () => {
  it('get a ticket each when two with the same title fire together', async () => {
    await send(alert('a'), alert('b'));
    expect(tickets()).toHaveLength(2);
    await cycle(alert('a'), alert('b'));
    expect(await active()).toEqual(['a', 'b']);
  });

  it('get a ticket as soon as the sender repeats the later one', async () => {
    await send(alert('a'));
    await cycle(alert('b'));
    expect(tickets()).toHaveLength(1);
    await cycle(alert('a'), alert('b'));
    expect(tickets()).toHaveLength(2);
  });

  it('get a ticket each when ten hosts fail one after the other, and each is sent again in every cycle', async () => {
    const hosts = Array.from({ length: 10 }, (_, n) => `host-${10 + n}`);
    for (const n of hosts.keys()) await cycle(...hosts.slice(0, n + 1).map((host) => alert(host)));
    expect([tickets().length, await active(), await named()]).toEqual([10, hosts, []]);
  });

  it('get a ticket after a while without further ids when the sender never repeats', async () => {
    await send(alert('a'));
    await cycle(alert('b'));
    expect(tickets()).toHaveLength(1);
    await later(90);
    await environment.hurry(`timer:alert:${source}:b:%secondLook%`);
    await environment.settled();
    expect(tickets()).toHaveLength(2);
    expect(await named()).toEqual([]);
  });

  it('get a ticket if the clock is set back while they are suspected', async () => {
    await send(alert('a'));
    await cycle(alert('b'));
    expect(tickets()).toHaveLength(1);
    await later(-3_600);
    await environment.hurry(`timer:alert:${source}:b:%secondLook%`);
    await environment.settled();
    expect(tickets()).toHaveLength(2);
  });

  it('get a ticket each within three minutes when each of four hosts is sent once, 30 s apart', async () => {
    await send(alert('a'));
    for (const id of ['b', 'c', 'd']) await cycle(alert(id));
    expect(tickets()).toHaveLength(1);
    // Two and a half minutes after the first emission of the last one.
    await later(150);
    await environment.hurry(`timer:alert:${source}:%secondLook%`);
    await environment.settled();
    expect([tickets().length, await active(), await named()]).toEqual([4, ['a', 'b', 'c', 'd'], []]);
  });

  it('are not suspected for longer than three minutes while more of them keep coming', async () => {
    await send(alert('a'));
    await later(140);
    await send(alert('b'));
    await later(140);
    await send(alert('c'));
    expect(tickets()).toHaveLength(1);
    // The last one came 12 s ago, and b 152 s ago.
    await later(12);
    await environment.hurry(`timer:alert:${source}:%secondLook%`);
    await environment.settled();
    expect(tickets()).toHaveLength(2);
  });

  it('get a ticket each at once when twenty hosts with different details or labels are each sent once, evenly', async () => {
    const hosts = Array.from({ length: 20 }, (_, n) => `host-${10 + n}`);
    for (const [n, host] of hosts.entries())
      await cycle(alert(host, n % 2 === 0 ? { details: `${host} does not answer` } : { labels: { host } }));
    expect([tickets().length, await active(), await named(), await skipped()]).toEqual([20, hosts, [], []]);
  });

  it.each([{ stable_ids: true }, { repeat_interval: 'once' }])(
    'get a ticket each at once if their source is declared with %o',
    async (declared) => {
      await environment.sources({ id: source, ...declared });
      const fresh = environment.process();
      for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
        await later();
        await fresh.aggregator.ingest(source, [alert(id)]);
        await environment.settled();
      }
      expect([tickets().length, await named()]).toEqual([7, []]);
    },
  );

  it('have different titles, surfaces or sources', async () => {
    await send(alert('a'));
    for (const [n, id] of ['b', 'c', 'd', 'e'].entries()) await cycle(alert(id, { title: `Queue ${n} is stuck` }));
    expect(tickets()).toHaveLength(5);
    expect(await named()).toEqual([]);
  });

  it('include one that fires after another with its title has ended', async () => {
    await send(alert('a'));
    await cycle(alert('a', { status: 'resolved' }));
    await cycle(alert('b'));
    expect(tickets()).toHaveLength(2);
  });
});

it('an id that its sender repeats is stored again only with other texts, also by a process that has just started', async () => {
  const stored = async (): Promise<unknown[]> => {
    const { rows } = await environment.pool.query(
      'select xmin, ctid, repeated, alike from alert_identities where alert_key = $1',
      [`${source}:a`],
    );
    return rows;
  };
  const sendToAnother = async (more = {}) => {
    await environment.process().aggregator.ingest(source, [alert('a', more)]);
    await environment.settled();
  };
  await send(alert('a'));
  await cycle(alert('a'));
  const before = await stored();
  expect(before).toMatchObject([{ repeated: true }]);
  await sendToAnother();
  expect(await stored()).toEqual(before);
  await sendToAnother({ details: 'It does not move' });
  expect(await stored()).not.toEqual(before);
});
