import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appendAudit, listAudit } from '../../src/audit/auditLog.ts';
import type { Config } from '../../src/config/config.ts';
import { createFlags, type Flags } from '../../src/flags/flags.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

const ALERTS = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET';
const INVESTIGATE = 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';

let database: TestDatabase;
let clock = 0;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  await database.pool.query('delete from flags');
});
afterAll(() => database.drop());

/** The flags of one process, with these settings of the first flag. */
function flags(alerts: Partial<Config['flags'][typeof ALERTS]> = {}): Flags {
  const settings = {
    [ALERTS]: { forcedOff: false, default: false, ...alerts },
    [INVESTIGATE]: { forcedOff: false, default: true },
  };
  return createFlags(database.pool, settings, { audit: appendAudit, now: () => clock });
}

/** The flips that were audited during this test, oldest first. */
async function flips<T>(act: () => Promise<T>): Promise<unknown[]> {
  const { rows } = await database.pool.query<{ last: string }>(
    'select coalesce(max(id), 0)::text as last from audit_log',
  );
  await act();
  const page = await listAudit(database.pool, { action: 'console.flags.changed', limit: 500 });
  return page.rows
    .filter(({ id }) => BigInt(id) > BigInt(rows[0]?.last ?? 0))
    .map(({ payload, actor }) => ({ payload, actor }))
    .reverse();
}

describe('a flag', () => {
  it('has its default while nothing is stored', async () => {
    expect(await flags().list()).toEqual([
      { name: ALERTS, enabled: false, forced_off: false, changed_at: null, changed_by: null },
      { name: INVESTIGATE, enabled: true, forced_off: false, changed_at: null, changed_by: null },
    ]);
    expect(await flags().isOn(INVESTIGATE)).toBe(true);
  });

  it('is flipped together with one audit row and returned', async () => {
    const audited = await flips(async () => {
      expect(await flags().set(ALERTS, true, 'ann')).toEqual({
        name: ALERTS,
        enabled: true,
        forced_off: false,
        changed_at: expect.stringMatching(/Z$/),
        changed_by: 'ann',
      });
    });
    expect(audited).toEqual([{ payload: { flag: ALERTS, enabled: true, by: 'ann' }, actor: 'ann' }]);
    expect(await flags().isOn(ALERTS)).toBe(true);
  });

  it('set to its present value changes nothing', async () => {
    const audited = await flips(async () => {
      await flags().set(ALERTS, false, 'default again');
      await flags().set(ALERTS, true, 'ann');
      await flags().set(ALERTS, true, 'bob');
    });
    expect(audited).toHaveLength(1);
    expect(await flags().list()).toContainEqual(
      expect.objectContaining({ name: ALERTS, enabled: true, changed_by: 'ann' }),
    );
  });

  it('is flipped and audited once for each flip by many callers at once', async () => {
    const audited = await flips(() =>
      Promise.all(Array.from({ length: 20 }, (_, i) => flags().set(ALERTS, true, `p${i}`))),
    );
    expect(audited).toHaveLength(1);
  });

  it('does not change where its audit row cannot be written', async () => {
    const settings = {
      [ALERTS]: { forcedOff: false, default: false },
      [INVESTIGATE]: { forcedOff: false, default: true },
    };
    const broken = createFlags(database.pool, settings, { audit: () => Promise.reject(new Error('full')) });
    await expect(broken.set(ALERTS, true, 'ann')).rejects.toThrow('full');
    expect(await flags().isOnNow(ALERTS)).toBe(false);
  });

  it('with an unknown name is refused', async () => {
    await expect(flags().set('FLAG_OTHER', true, 'ann')).rejects.toMatchObject({ code: 'unknown_flag', status: 404 });
    await expect(flags().set('toString', true, 'ann')).rejects.toMatchObject({ code: 'unknown_flag' });
  });

  it('notifies every listening process when it is flipped', async () => {
    const client = await database.pool.connect();
    const heard = new Promise((resolve) =>
      client.once('notification', ({ channel, payload }) => resolve([channel, payload])),
    );
    await client.query('listen auto_ticketing_console');
    await flags().set(ALERTS, true, 'ann');
    expect(await heard).toEqual(['auto_ticketing_console', '{"flags":true}']);
    client.release(true);
  });
});

describe('a flag that is forced off', () => {
  it('is off whatever is stored, and cannot be flipped on', async () => {
    await flags().set(ALERTS, true, 'ann');
    const forced = flags({ forcedOff: true });
    expect(await forced.isOn(ALERTS)).toBe(false);
    expect(await forced.isOnNow(ALERTS)).toBe(false);
    expect(await forced.list()).toContainEqual(
      expect.objectContaining({ name: ALERTS, enabled: false, forced_off: true }),
    );
    expect(
      await flips(() =>
        expect(forced.set(ALERTS, true, 'ann')).rejects.toMatchObject({ code: 'forced_off', status: 409 }),
      ),
    ).toEqual([]);
  });

  it('can be flipped off, and stays off when it is no longer forced', async () => {
    await flags().set(ALERTS, true, 'ann');
    expect(await flips(() => flags({ forcedOff: true }).set(ALERTS, false, 'bob'))).toHaveLength(1);
    expect(await flags().isOn(ALERTS)).toBe(false);
  });
});

describe('reading a flag', () => {
  it('is at most half a second behind another process', async () => {
    const [here, there] = [flags(), flags()];
    expect(await here.isOn(ALERTS)).toBe(false);
    await there.set(ALERTS, true, 'ann');
    clock += 499;
    expect(await here.isOn(ALERTS)).toBe(false);
    expect(await here.isOnNow(ALERTS)).toBe(true);
    clock += 1;
    expect(await here.isOn(ALERTS)).toBe(true);
  });

  it('takes effect at once in the process that flipped it', async () => {
    const here = flags();
    expect(await here.isOn(ALERTS)).toBe(false);
    await here.set(ALERTS, true, 'ann');
    expect(await here.isOn(ALERTS)).toBe(true);
  });

  it('fails while the database is away, and works again afterwards', async () => {
    let gone = true;
    const pool = { query: (sql: string) => (gone ? Promise.reject(new Error('gone')) : database.pool.query(sql)) };
    const settings = {
      [ALERTS]: { forcedOff: false, default: false },
      [INVESTIGATE]: { forcedOff: false, default: true },
    };
    const here = createFlags(pool as never, settings, { audit: appendAudit, now: () => clock });
    await expect(here.isOn(INVESTIGATE)).rejects.toThrow('gone');
    gone = false;
    expect(await here.isOn(INVESTIGATE)).toBe(true);
  });
});
