import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionWriters } from '../../src/actors/batch.ts';
import { eventually } from '../support/eventually.ts';
import { startSampleHosts, to } from '../support/sampleHosts.ts';
import { WAIT_TIMEOUT_MS } from '../support/waitTimeout.ts';

let hosts: Awaited<ReturnType<typeof startSampleHosts>>;
beforeAll(async () => {
  hosts = await startSampleHosts();
});
afterAll(() => hosts.close());

const n = async (id: string) => (await hosts.row(id))?.snapshot.context.n;

describe('a delivery', () => {
  it('the first event of an actor creates it', async () => {
    const [delivered] = await hosts.host().deliver([to('toy:first', { type: 'ADD', by: 2 })]);
    expect(delivered).toMatchObject({ applied: 'changed', rev: 1 });
    expect(await hosts.row('toy:first')).toMatchObject({ rev: 1, state: 'idle', version: 1, parked: null });
    expect(await n('toy:first')).toBe(2);
  });

  it('five hundred events to five hundred actors are delivered in one transaction', async () => {
    const ids = Array.from({ length: 500 }, (_, i) => `toy:many-${i}`);
    await hosts.host().deliver(ids.map((id) => to(id, { type: 'ADD', by: 1 })));
    expect(await hosts.count("actors where id like 'toy:many-%'")).toBe(500);
    const { rows } = await hosts.pool.query("select distinct xmin::text from actors where id like 'toy:many-%'");
    expect(rows).toHaveLength(1);
  });

  it('the events of one actor are applied in order, each to the result of the one before', async () => {
    const host = hosts.host();
    await host.deliver([
      to('toy:order', { type: 'SEE', n: 10 }),
      to('toy:order', { type: 'ADD', by: 1 }),
      to('toy:order', { type: 'SEE', n: 5 }),
      to('toy:order', { type: 'ADD', by: 2 }),
    ]);
    expect(await n('toy:order')).toBe(7);
    const { rows } = await hosts.pool.query(
      "select rev, event->>'type' as type from actor_history where actor_id = 'toy:order' order by rev",
    );
    expect(rows).toEqual([
      { rev: 1, type: 'SEE' },
      { rev: 2, type: 'ADD' },
      { rev: 3, type: 'SEE' },
      { rev: 4, type: 'ADD' },
    ]);
  });

  it('a delivery writes nothing when one of its writers fails', async () => {
    await expect(
      hosts
        .host()
        .deliver([
          to('toy:whole-1', { type: 'ADD', by: 1 }),
          to('toy:whole-2', { type: 'NOTE', text: '\ud800'.repeat(3) }),
        ]),
    ).rejects.toThrow();
    expect(await hosts.count("actors where id like 'toy:whole-%'")).toBe(0);
    expect(await hosts.count("actor_history where actor_id like 'toy:whole-%'")).toBe(0);
  });

  it('what a writer leaves for after the commit is done then, and not at all if the delivery fails', async () => {
    const done: string[] = [];
    const writers: ActionWriters = {
      async note(_client, notes, afterCommit) {
        afterCommit(() => void done.push(...notes.map(({ actorId }) => actorId)));
      },
    };
    const host = hosts.host({ writers });
    const note = { type: 'NOTE', text: 'remember' } as const;
    const failed = host.deliver([to('toy:after-1', note)], async () => {
      throw new Error('not wanted');
    });
    await expect(failed).rejects.toThrow('not wanted');
    const during: string[][] = [];
    await host.deliver([to('toy:after-2', note)], async () => void during.push([...done]));
    expect([during, done]).toEqual([[[]], ['toy:after-2']]);
  });

  it('a delivery whose transaction does not begin writes nothing, although the connection takes statements', async () => {
    const host = hosts.host();
    host.pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...given: unknown[]) => unknown;
      const garbled = (...given: unknown[]) => query(...(given[0] === 'begin' ? ['begin no transaction'] : given));
      client.query = garbled as never;
    });
    await expect(host.deliver([to('toy:unbegun', { type: 'ADD', by: 1 })])).rejects.toThrow('syntax error');
    expect(await hosts.count("actors where id = 'toy:unbegun'")).toBe(0);
  });

  it('an event with a text that the database cannot store is stored without the faulty characters', async () => {
    await hosts.host().deliver([{ to: 'toy:text', event: { type: 'ADD', by: 1, remark: 'a\u0000b\ud800c' } }]);
    const { rows } = await hosts.pool.query(
      "select event->>'remark' as remark from actor_history where actor_id = 'toy:text'",
    );
    expect(rows).toEqual([{ remark: 'ab\ufffdc' }]);
  });

  it('listeners are notified of every changed actor, however many there are', async () => {
    const client = await hosts.pool.connect();
    const heard = new Set<string>();
    client.on('notification', ({ payload }) => {
      for (const id of (JSON.parse(payload ?? '') as { actors: string[] }).actors) heard.add(id);
    });
    await client.query('listen auto_ticketing_console');
    await hosts.host().deliver(Array.from({ length: 120 }, (_, i) => to(`toy:told-${i}`, { type: 'ADD', by: 1 })));
    await eventually(() => expect(heard.size).toBe(120));
    client.release(true);
  });
});

describe('an event with an id', () => {
  it('an event with an id is applied once, however often and through however many processes it arrives', async () => {
    const [one, two] = [hosts.host(), hosts.host()];
    const event = to('toy:dup', { type: 'ADD', by: 1 }, 'webhook-7');
    await Promise.all([one, two, one, two, one].map((host) => host.deliver([event, event])));
    expect(await n('toy:dup')).toBe(1);
    expect((await one.deliver([event]))[0]?.applied).toBe('duplicate');
  });

  it('an event that another process applies while this one waits for its actor is a duplicate', async () => {
    const [one, two] = [hosts.host(), hosts.host()];
    await one.deliver([to('toy:awaited', { type: 'ADD', by: 1 })]);
    const event = to('toy:awaited', { type: 'ADD', by: 1 }, 'webhook-8');
    let second: ReturnType<typeof two.deliver> | undefined;
    await one.deliver([event], async (client) => {
      await client.query('set local idle_in_transaction_session_timeout = 0');
      // A busy machine may need longer than a delivery usually waits for its actor.
      second = two.deliver([event], async () => undefined, undefined, WAIT_TIMEOUT_MS);
      await eventually(async () =>
        expect(
          await hosts.count("pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"),
        ).toBe(1),
      );
    });
    expect((await second)?.map(({ applied }) => applied)).toEqual(['duplicate']);
    expect(await n('toy:awaited')).toBe(2);
  });

  it('two actors may receive events with the same id', async () => {
    await hosts
      .host()
      .deliver([to('toy:dup-a', { type: 'ADD', by: 1 }, 'x'), to('toy:dup-b', { type: 'ADD', by: 1 }, 'x')]);
    expect([await n('toy:dup-a'), await n('toy:dup-b')]).toEqual([1, 1]);
  });
});
