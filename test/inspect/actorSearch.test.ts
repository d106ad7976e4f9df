import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listActors } from '../../src/inspect/inspect.ts';
import { SEARCHED_ROWS } from '../../src/model/operations.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

/** Two more alerts than one request looks through; the surface changed before all of them. */
const ALERTS = SEARCHED_ROWS + 2;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query(
    `insert into actors (id, kind, version, rev, state, snapshot, parked, updated_at)
     select 'alert:many:' || n, 'alert', 1, 1, '{"life": "resolved"}'::jsonb, '{}'::jsonb, case when n = $1 then 'unreadable' end,
       now() - n * interval '1 minute' from generate_series(1, $1::int) n
     union all
     select 'surface:shop', 'surface', 1, 1, '{"health": "operational"}', '{}', null, now() - interval '300 days'`,
    [ALERTS],
  );
});
afterAll(() => database.drop());

type Query = Partial<Parameters<typeof listActors>[1]>;
const list = (query: Query) => listActors(database.pool, { limit: 50, ...query });

/** The ids on each page, to the end of the search. */
async function pagesOf(query: Query): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ ...query, cursor });
    pages.push(page.rows.map(({ id }) => id));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return pages;
}

describe('a search of actors', () => {
  it.each<[what: string, query: Query, pages: string[][]]>([
    [
      'one of the last changed, in any case',
      { q: `MANY:${SEARCHED_ROWS - 1}` },
      [[`alert:many:${SEARCHED_ROWS - 1}`], []],
    ],
    ['the last that one request looks through', { q: `many:${SEARCHED_ROWS}` }, [[`alert:many:${SEARCHED_ROWS}`], []]],
    ['an earlier one on the next page', { q: 'shop' }, [[], ['surface:shop']]],
    ['an earlier one by its state', { state: 'operational' }, [[], ['surface:shop']]],
    ['one of a rare kind on the first page', { kind: 'surface', q: 'shop' }, [['surface:shop']]],
    ['a parked one on the first page', { state: 'parked' }, [[`alert:many:${ALERTS}`]]],
    ['a parked one by its id', { state: 'parked', q: 'many' }, [[`alert:many:${ALERTS}`]]],
    ['one kind and state', { kind: 'alert', state: 'operational' }, [[], []]],
  ])('finds %s', async (_, query, pages) => {
    expect(await pagesOf(query)).toEqual(pages);
  });

  it('says how far back it has looked while earlier actors are left', async () => {
    const first = await list({ q: 'shop' });
    const { rows } = await database.pool.query<{ updated_at: Date }>('select updated_at from actors where id = $1', [
      `alert:many:${SEARCHED_ROWS}`,
    ]);
    expect(first.searched_since).toBe(rows[0]?.updated_at.toISOString());
    for (const query of [{ q: 'shop', cursor: first.next_cursor ?? '' }, {}, { kind: 'alert' }, { q: 'many' }]) {
      expect(await list(query)).not.toHaveProperty('searched_since');
    }
  });

  it('shows each match once, the last changed first', async () => {
    const ids = Array.from({ length: ALERTS }, (_, n) => `alert:many:${n + 1}`);
    expect((await pagesOf({ q: 'many', limit: 500 })).flat()).toEqual(ids);
  });
});
