import type { Pool, QueryArrayConfig } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatusGrid } from '../../src/model/surfaces.ts';
import { readDays } from '../../src/surfaces/days.ts';
import { readStatusGrid } from '../../src/surfaces/statusGrid.ts';
import { createStatusGridReader } from '../../src/surfaces/statusGridReader.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';

let reading: ManualEnvironment;
beforeAll(async () => {
  reading = await startManualEnvironment();
  await reading.surfaces({ id: 'web' }, { id: 'api' }, { id: 'new' });
  await reading.check('web', 'up');
  await reading.check('api', 'up');
});
afterAll(() => reading.drop());

const INTERVAL = { pollIntervalSeconds: 30 };
/** Checks become late after three intervals and 30 s. */
const LATE_MS = 120_000;

/** A reader whose database has the same transactions as at its last read while `quiet`, and this time. */
function quietReader() {
  const state = { quiet: true, at: new Date(), reads: 0, snapshot: '' };
  const days = new Map();
  const query = async (statement: string | QueryArrayConfig) => {
    if (typeof statement === 'string')
      return { rows: [{ snapshot: state.quiet ? state.snapshot : '1:2:', at: state.at }] };
    state.reads += 1;
    const result = await reading.pool.query<string[]>(statement);
    const column = result.fields.findIndex(({ name }) => name === 'snapshot');
    state.snapshot = result.rows[0]?.[column] ?? '';
    return result;
  };
  const pool = { query } as unknown as Pool;
  const readDaysOf = async () => new Map();
  return { state, read: createStatusGridReader({ pool, ...INTERVAL, loadDays: async () => days, readDaysOf }) };
}

const byId = ({ surfaces }: StatusGrid, id: string) => surfaces.find((tile) => tile.id === id);
const withoutTime = ({ generated_at: _, ...grid }: StatusGrid) => grid;

describe('the reader of the grid', () => {
  it('returns after each change exactly what a new read returns', async () => {
    const read = createStatusGridReader({
      pool: reading.pool,
      ...INTERVAL,
      loadDays: () => readDays(reading.pool),
      readDaysOf: (ids) => readDays(reading.pool, ids),
    });
    const changes = [
      () => reading.check('web', 'down'),
      () => reading.click('web').then(() => reading.file('surface:web', 7)),
      () => reading.setTicketStatus(7, 'pending'),
      () => reading.check('web', 'up'),
      () => reading.setTicketStatus(7, 'closed'),
      () => reading.pool.query("update actors set parked = 'failed' where id = 'surface:api'"),
      () => reading.pool.query("update actors set parked = null where id = 'surface:api'"),
      () => reading.surfaces({ id: 'api', name: 'Renamed' }, { id: 'web' }),
      () => reading.surfaces({ id: 'web' }, { id: 'api' }, { id: 'new' }),
    ];
    for (const change of changes) {
      await read();
      await change();
      expect(withoutTime(await read())).toEqual(withoutTime(await readStatusGrid(reading.pool, INTERVAL)));
    }
  });

  it('reads the days of a surface anew when its status changes, and keeps those of the others', async () => {
    const days = await readDays(reading.pool);
    const readFor: (readonly string[])[] = [];
    const read = createStatusGridReader({
      pool: reading.pool,
      ...INTERVAL,
      loadDays: async () => days,
      readDaysOf(ids) {
        readFor.push(ids);
        return readDays(reading.pool, ids);
      },
    });
    const before = byId(await read(), 'web')?.days;
    await reading.pool.query("update surface_days set down = down + 3 where surface_id in ('web', 'api')");
    await reading.check('web', 'up');
    expect(byId(await read(), 'web')?.days).toEqual(before);
    await reading.check('web', 'down');
    const after = await read();
    expect(byId(after, 'web')?.days).toEqual((await readDays(reading.pool)).get('web'));
    expect(byId(after, 'web')?.days).not.toEqual(before);
    expect(byId(await read(), 'web')?.days).toEqual(byId(after, 'web')?.days);
    expect(readFor).toEqual([['web']]);
    await reading.check('web', 'up');
  });

  it('keeps a tile whose days were read again and are the same, and not one whose days differ', async () => {
    let days = await readDays(reading.pool);
    const read = createStatusGridReader({
      pool: reading.pool,
      ...INTERVAL,
      loadDays: async () => days,
      readDaysOf: (ids) => readDays(reading.pool, ids),
    });
    const first = byId(await read(), 'api');
    days = await readDays(reading.pool);
    expect(byId(await read(), 'api')).toBe(first);
    expect(byId(await read(), 'api')).toBe(first);
    await reading.pool.query("update surface_days set down = down + 1 where surface_id = 'api'");
    days = await readDays(reading.pool);
    const changed = byId(await read(), 'api');
    expect(changed?.days).toEqual(days.get('api'));
    expect(changed?.days).not.toEqual(first?.days);
  });

  it('keeps the object of a tile that has not changed, and the list while none has', async () => {
    const { state, read } = quietReader();
    state.quiet = false;
    const first = await read();
    expect((await read()).surfaces).toBe(first.surfaces);
    await reading.check('web', 'up');
    const second = await read();
    expect(second.surfaces).not.toBe(first.surfaces);
    expect(byId(second, 'api')).toBe(byId(first, 'api'));
    expect(byId(second, 'web')).not.toBe(byId(first, 'web'));
  });

  it('reads no tiles while nothing was committed, and says when that was found', async () => {
    const { state, read } = quietReader();
    const first = await read();
    state.at = new Date(Date.parse(first.generated_at) + 1_000);
    const again = await read();
    expect([state.reads, again.surfaces === first.surfaces]).toEqual([1, true]);
    expect(again.generated_at).toBe(state.at.toISOString());
    state.quiet = false;
    await read();
    expect(state.reads).toBe(2);
  });

  it('reads again when the checks of a surface become late, although nothing was committed', async () => {
    const { state, read } = quietReader();
    const checks = (await read()).surfaces.flatMap(({ last_check }) => last_check ?? []);
    const lateAt = Math.min(...checks.map(({ at }) => Date.parse(at))) + LATE_MS;
    state.at = new Date(lateAt - 1);
    await read();
    expect(state.reads).toBe(1);
    state.at = new Date(lateAt + 1);
    await read();
    expect(state.reads).toBe(2);
  });
});
