import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Counted, type CountedOfSource, createRefusalCounts } from '../../src/identity/refusalCounts.ts';
import { readRefusals, storeRefusals } from '../../src/identity/refusalStore.ts';
import { createLog } from '../../src/log/log.ts';
import type { RefusalKind } from '../../src/model/people.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

const log = createLog({ level: 'silent' });
const addressOf = (n: number) => `10.0.${Math.floor(n / 250)}.${n % 250}`;
const one = (kind: RefusalKind, network: string | null, times = 1, ageMs = 0): Counted => ({
  kind,
  network,
  times,
  ageMs,
});

describe('counting', () => {
  it('a flood of 10,000 refusals from 1,000 addresses is one call with few rows, and hides no other kind', async () => {
    const stored: Counted[][] = [];
    const counts = createRefusalCounts({ log, store: async (counted) => void stored.push([...counted]) });
    for (let n = 0; n < 10_000; n += 1) counts.count('no_attempt', addressOf(n % 1_000));
    counts.count('invalid_token', '192.0.2.1');
    counts.count('invalid_token', '2001:db8::1');
    counts.count('invalid_token', '2001:db8::2');
    await counts.flush();
    await counts.flush();
    expect(stored).toHaveLength(1);
    const of = (kind: RefusalKind) =>
      stored[0]?.filter((row) => row.kind === kind).map(({ network, times }) => `${network} ${times}`) ?? [];
    expect(of('no_attempt')).toHaveLength(51);
    expect(of('no_attempt')[0]).toBe('null 10000');
    expect(of('invalid_token')).toEqual(['null 3', '192.0.2.1 1', '2001:db8::/64 2']);
  });

  it('what cannot be stored is stored the next time, with its age', async () => {
    const stored: Counted[][] = [];
    const clock = { ms: 0 };
    let isAway = true;
    const counts = createRefusalCounts({
      log,
      now: () => clock.ms,
      async store(counted) {
        if (isAway) throw new Error('the database is away');
        stored.push([...counted]);
      },
    });
    counts.count('csrf', '192.0.2.1');
    clock.ms = 10_000;
    await counts.flush();
    counts.count('csrf', '192.0.2.2');
    clock.ms = 20_000;
    isAway = false;
    await counts.flush();
    expect(stored).toEqual([
      [one('csrf', null, 2, 10_000), one('csrf', '192.0.2.1', 1, 20_000), one('csrf', '192.0.2.2', 1, 10_000)],
    ]);
  });

  it('refusals of a source are counted for it too, also where they have to be stored again', async () => {
    const stored: CountedOfSource[][] = [];
    const clock = { ms: 0 };
    let isAway = true;
    const counts = createRefusalCounts({
      log,
      now: () => clock.ms,
      async store(_counted, ofSources) {
        if (isAway) throw new Error('the database is away');
        stored.push([...ofSources]);
      },
    });
    counts.count('over_quota', '192.0.2.1', 'prometheus');
    counts.count('over_quota', '192.0.2.2', 'prometheus');
    counts.count('invalid_token', '192.0.2.2', null);
    await counts.flush();
    isAway = false;
    clock.ms = 10_000;
    counts.count('over_quota', '192.0.2.1', 'prometheus');
    counts.count('forbidden', '192.0.2.1', 'kuma');
    await counts.flush();
    expect(stored).toEqual([
      [
        { kind: 'over_quota', source: 'prometheus', times: 3, ageMs: 0 },
        { kind: 'forbidden', source: 'kuma', times: 1, ageMs: 0 },
      ],
    ]);
  });
});

describe('the stored counts', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => database.pool.query('truncate refusals, refusal_networks'));
  const store = (...counted: Counted[]) => storeRefusals(database.pool, counted);
  const read = () => readRefusals(database.pool);
  const DAY_MS = 86_400_000;

  it('processes add to the same counts, by kind, hour, day and network', async () => {
    await Promise.all([
      store(
        one('csrf', null, 3),
        one('csrf', '192.0.2.1', 3),
        one('forbidden', null, 1),
        one('forbidden', '192.0.2.1', 1),
      ),
      store(
        one('forbidden', null, 1),
        one('forbidden', '192.0.2.1', 1),
        one('csrf', null, 2),
        one('csrf', '192.0.2.9', 2),
      ),
    ]);
    await store(one('csrf', null, 7, 3 * DAY_MS), one('csrf', '192.0.2.7', 7, 3 * DAY_MS));
    await store(one('csrf', null, 1, 40 * DAY_MS));
    const { kinds, hours, days, networks } = await read();
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(kinds.map(({ kind, last_24_hours, last_30_days }) => [kind, last_24_hours, last_30_days])).toEqual([
      ['csrf', 5, 12],
      ['forbidden', 2, 2],
    ]);
    expect(kinds[0]?.last_seen_at).toEqual(at);
    const sum = (rows: { times: number }[]) => rows.reduce((all, { times }) => all + times, 0);
    expect([sum(hours), sum(days)]).toEqual([7, 14]);
    expect(days.at(-1)).toEqual({ at, times: 7, kinds: { csrf: 7 } });
    expect(networks.map(({ kind, network, times }) => `${kind} ${network} ${times}`).toSorted()).toEqual([
      'csrf 192.0.2.1 3',
      'csrf 192.0.2.7 7',
      'csrf 192.0.2.9 2',
      'forbidden 192.0.2.1 2',
    ]);
  });

  it('of each kind the 500 networks with the most refusals stay, so that a flood does not hide the others', async () => {
    await store(one('invalid_token', '192.0.2.1'), one('no_attempt', '192.0.2.1', 2, DAY_MS));
    for (let batch = 0; batch < 12; batch += 1) {
      await store(...Array.from({ length: 50 }, (_, n) => one('no_attempt', addressOf(batch * 50 + n))));
    }
    const { rows } = await database.pool.query(
      `select kind, count(*)::int as n, bool_or(network = '192.0.2.1') as kept from refusal_networks group by kind order by kind`,
    );
    expect(rows).toEqual([
      { kind: 'invalid_token', n: 1, kept: true },
      { kind: 'no_attempt', n: 500, kept: true },
    ]);
    expect((await read()).networks).toHaveLength(100);
  });
});
