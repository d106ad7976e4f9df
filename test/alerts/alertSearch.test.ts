import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listAlerts } from '../../src/alerts/alertList.ts';
import { SEARCHED_ROWS } from '../../src/model/operations.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

/** Two more alerts have ended than one request looks through; the last two are those that changed first. */
const ENDED = SEARCHED_ROWS + 2;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await insert("'many:' || n", "'Disk ' || n", 'false', "now() - n * interval '1 minute'", ENDED);
  // It changed before all others, and is active.
  await insert("'old:' || n", "'Fan ' || n", 'true', "now() - interval '300 days'", 1);
});
afterAll(() => database.drop());

const insert = (key: string, title: string, active: string, at: string, count: number) =>
  database.pool.query(
    `insert into actors (id, kind, version, rev, state, snapshot, updated_at)
     select 'alert:' || ${key}, 'alert', 1, 1, '{}', jsonb_build_object('children', '{}'::jsonb, 'context',
       jsonb_build_object('alertKey', ${key}, 'source', split_part(${key}, ':', 1), 'active', ${active}, 'severity', 'P2',
         'title', ${title}, 'surfaceId', null, 'flapping', false, 'ids', '[]'::jsonb)), ${at}
     from generate_series(1, ${count}) n`,
  );

type Query = Partial<Parameters<typeof listAlerts>[1]>;
const list = (query: Query) => listAlerts(database.pool, { limit: 50, silentAfterSeconds: {}, ...query });

/** The keys on each page, to the end of the search. */
async function pagesOf(query: Query): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ ...query, cursor });
    pages.push(page.rows.map(({ alert_key }) => alert_key));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return pages;
}

async function changedAt(alertKey: string): Promise<string> {
  const { rows } = await database.pool.query<{ updated_at: Date }>('select updated_at from actors where id = $1', [
    `alert:${alertKey}`,
  ]);
  return rows[0]?.updated_at.toISOString() ?? '';
}

describe('a search of alerts', () => {
  it.each<[what: string, query: Query, pages: string[][]]>([
    ['an active alert, however long ago it changed', { q: 'fan 1' }, [['old:1'], []]],
    [
      'the last of the ended alerts that one request looks through',
      { q: `k ${SEARCHED_ROWS}` },
      [[`many:${SEARCHED_ROWS}`], []],
    ],
    ['an earlier one on the next page', { q: `k ${ENDED}` }, [[], [`many:${ENDED}`]]],
    ['nothing, on all pages', { q: 'nothing like it' }, [[], []]],
    ['a source', { source: 'old' }, [['old:1'], []]],
    ['a severity', { severity: 'P3' }, [[], []]],
    ['an ended one by its state', { state: 'resolved', q: `k ${ENDED}` }, [[], [`many:${ENDED}`]]],
    ['an active one by its state, on one page', { state: 'firing', q: 'fan' }, [['old:1']]],
  ])('finds %s', async (_, query, pages) => {
    expect(await pagesOf(query)).toEqual(pages);
  });

  it('says how far back it has looked while earlier alerts are left', async () => {
    const first = await list({ q: 'fan 1' });
    expect(first.searched_since).toBe(await changedAt(`many:${SEARCHED_ROWS}`));
    expect(await list({ q: 'fan 1', cursor: first.next_cursor ?? '' })).toEqual({ rows: [], next_cursor: null });
    for (const query of [{}, { state: 'resolved' }, { state: 'firing', q: 'fan' }, { q: 'disk', limit: 2 }]) {
      expect(await list(query)).not.toHaveProperty('searched_since');
    }
  });

  it('shows each match once, the last changed first, whether its pages are full or not', async () => {
    const keys = Array.from({ length: ENDED }, (_, n) => `many:${n + 1}`);
    expect((await pagesOf({ q: 'disk', limit: 500 })).flat()).toEqual(keys);
    expect((await pagesOf({ q: 'disk', limit: SEARCHED_ROWS - 1 })).flat()).toEqual(keys);
  });
});
