import { afterAll, beforeAll, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import type { MachineEntry } from '../../src/actors/registry.ts';
import { startSampleHosts } from '../support/sampleHosts.ts';

/** The context of an actor has a list, of which the snapshot has the first three entries. */

interface Item {
  id: string;
}

type ListEvent =
  | { type: 'APPEND'; ids: string[] }
  | { type: 'REMOVE'; ids: string[] }
  | { type: 'REPLACE'; ids: string[] }
  | { type: 'BOOM' };

const items = (ids: readonly string[]): Item[] => ids.map((id) => ({ id }));

const listMachine = setup({
  types: { context: {} as { items: Item[] }, events: {} as ListEvent },
  actions: {
    set: assign((_, next: Item[]) => ({ items: next })),
    explode: assign(() => {
      throw new Error('it exploded');
    }),
  },
}).createMachine({
  id: 'list',
  context: { items: [] },
  on: {
    APPEND: { actions: { type: 'set', params: ({ context, event }) => [...context.items, ...items(event.ids)] } },
    REMOVE: {
      actions: {
        type: 'set',
        params: ({ context, event }) => context.items.filter(({ id }) => !event.ids.includes(id)),
      },
    },
    REPLACE: { actions: { type: 'set', params: ({ event }) => items(event.ids) } },
    BOOM: { actions: 'explode' },
  },
});

const whole: MachineEntry = { kind: 'list', machine: listMachine, version: 1, migrations: {}, urgent: [] };
const entry: MachineEntry = { ...whole, longList: { field: 'items', inSnapshot: 3 } };

let hosts: Awaited<ReturnType<typeof startSampleHosts>>;
let host: ReturnType<typeof hosts.host>;
beforeAll(async () => {
  hosts = await startSampleHosts();
  host = hosts.host({ entries: [entry] });
});
afterAll(() => hosts.close());

const idsOf = (list: unknown): string[] => (list as Item[]).map(({ id }) => id);

/** In one transaction. Returns the list as the machine has it after the last event. */
async function deliver(id: string, ...events: ListEvent[]): Promise<string[]> {
  const delivered = await host.deliver(events.map((event) => ({ to: `list:${id}`, event })));
  return idsOf(delivered.at(-1)?.snapshot?.context.items);
}

/** The ids in the snapshot, and those in rows. */
async function stored(id: string): Promise<[string[], string[]]> {
  const row = await hosts.row(`list:${id}`);
  const { rows } = await hosts.pool.query('select entry from actor_entries where actor_id = $1 order by n', [
    `list:${id}`,
  ]);
  if (!row) throw new Error(`there is no list:${id}`);
  const { items: first } = row.snapshot.context as unknown as { items: Item[] };
  return [idsOf(first), idsOf(rows.map((each) => each.entry))];
}

it('the snapshot has the first entries, rows have the others, and the machine has all', async () => {
  expect(await deliver('all', { type: 'APPEND', ids: ['a', 'b', 'c', 'd', 'e'] })).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(await stored('all')).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ]);
  expect(await deliver('all', { type: 'APPEND', ids: ['f'] })).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(await stored('all')).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e', 'f'],
  ]);
});

it('entries behind those that leave take their places in the snapshot, in the order of the list', async () => {
  await deliver('leaving', { type: 'APPEND', ids: ['a', 'b', 'c', 'd', 'e', 'f'] });
  await deliver('leaving', { type: 'REMOVE', ids: ['e'] });
  expect(await stored('leaving')).toEqual([
    ['a', 'b', 'c'],
    ['d', 'f'],
  ]);
  await deliver('leaving', { type: 'REMOVE', ids: ['a'] }, { type: 'APPEND', ids: ['g'] });
  expect(await stored('leaving')).toEqual([
    ['b', 'c', 'd'],
    ['f', 'g'],
  ]);
  await deliver('leaving', { type: 'REMOVE', ids: ['b', 'c'] });
  expect(await stored('leaving')).toEqual([['d', 'f', 'g'], []]);
});

it('a list that is replaced is stored anew', async () => {
  await deliver('replaced', { type: 'APPEND', ids: ['a', 'b', 'c', 'd', 'e'] });
  await deliver('replaced', { type: 'REPLACE', ids: ['e', 'd', 'c', 'b', 'a'] });
  expect(await stored('replaced')).toEqual([
    ['e', 'd', 'c'],
    ['b', 'a'],
  ]);
});

it('a step writes only the rows that it changes', async () => {
  const written = async () =>
    (
      await hosts.pool.query(
        "select entry->>'id' as id, xmin::text as by from actor_entries where actor_id = 'list:few' order by n",
      )
    ).rows;
  await deliver('few', { type: 'APPEND', ids: ['a', 'b', 'c', 'd', 'e', 'f'] });
  const [d, e, f] = await written();
  await deliver('few', { type: 'APPEND', ids: ['g'] });
  expect((await written()).slice(0, 3)).toEqual([d, e, f]);
  await deliver('few', { type: 'REMOVE', ids: ['b'] });
  expect((await written()).slice(0, 2)).toEqual([e, f]);
});

it('an actor that is parked keeps its whole list, and a release that revives it goes on with it', async () => {
  await deliver('parked', { type: 'APPEND', ids: ['a', 'b', 'c', 'd'] });
  await deliver('parked', { type: 'APPEND', ids: ['e'] }, { type: 'BOOM' });
  expect(await stored('parked')).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ]);
  const mended = listMachine.provide({ actions: { explode: assign({}) } });
  const next = hosts.host({ entries: [{ ...entry, machine: mended }] });
  expect(await next.revive()).toBe(1);
  const [last] = await next.deliver([{ to: 'list:parked', event: { type: 'APPEND', ids: ['f'] } }]);
  expect(idsOf(last?.snapshot?.context.items)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

it('a list that an older release stored in the snapshot is divided at the next step', async () => {
  const older = hosts.host({ entries: [whole] });
  await older.deliver([{ to: 'list:older', event: { type: 'APPEND', ids: ['a', 'b', 'c', 'd'] } }]);
  expect(await stored('older')).toEqual([['a', 'b', 'c', 'd'], []]);
  const next = { ...entry, version: 2, migrations: { 1: <T>(snapshot: T): T => snapshot } };
  const [first] = await hosts
    .host({ entries: [next] })
    .deliver([{ to: 'list:older', event: { type: 'APPEND', ids: ['e'] } }]);
  expect(idsOf(first?.snapshot?.context.items)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(await stored('older')).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ]);
});

it('after any appends and removals, what is stored is the list', async () => {
  let list: string[] = [];
  for (let n = 0; n < 40; n++) {
    const ids = Array.from({ length: (n * 7 + 3) % 5 }, (_, m) => `${n}-${m}`);
    const removed = list.filter((_, m) => (m * 3 + n) % 7 === 0 || (n % 6 === 5 && m < 4));
    list = [...list.filter((id) => !removed.includes(id)), ...ids];
    expect(await deliver('any', { type: 'REMOVE', ids: removed }, { type: 'APPEND', ids })).toEqual(list);
    expect(await stored('any')).toEqual([list.slice(0, 3), list.slice(3)]);
  }
});
