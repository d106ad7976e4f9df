import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AuditEntry, appendAudit, listAudit } from '../../src/audit/auditLog.ts';
import { transaction } from '../../src/db/pool.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const filed = (surface_id: string, actor = 'ann'): AuditEntry => ({
  action: 'console.status.ticket_filed',
  payload: { surface_id, status: 'DOWN', ticket_id: 412, idempotent: false },
  actor,
});

const append = (...rows: AuditEntry[]) => transaction(database.pool, (client) => appendAudit(client, rows));
const ids = ({ rows }: { rows: { payload: unknown }[] }) =>
  rows.map(({ payload }) => (payload as { surface_id: string }).surface_id);

beforeEach(async () => {
  // The audit log cannot be emptied.
  await database.pool.query(
    `set session_replication_role = replica; truncate audit_log; set session_replication_role = origin`,
  );
});

describe('appending', () => {
  it('stores rows unchanged, with UTC times to the millisecond', async () => {
    await append(filed('api-prod'));
    const { rows } = await listAudit(database.pool, {});
    expect(rows).toEqual([
      {
        id: expect.stringMatching(/^\d+$/),
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        action: 'console.status.ticket_filed',
        payload: { surface_id: 'api-prod', status: 'DOWN', ticket_id: 412, idempotent: false },
        actor: 'ann',
      },
    ]);
  });

  it('keeps many rows in their order', async () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `s${i}`);
    await append(...names.map((name) => filed(name)));
    const { rows } = await database.pool.query(`select payload->>'surface_id' as name from audit_log order by id`);
    expect(rows.map(({ name }) => name)).toEqual(names);
  });

  it('does not query the database without rows', async () => {
    await appendAudit({ query: () => Promise.reject(new Error('asked')) } as never, []);
    expect((await listAudit(database.pool, {})).rows).toEqual([]);
  });

  it('stands or falls with its transaction', async () => {
    const failing = transaction(database.pool, async (client) => {
      await appendAudit(client, [filed('api-prod')]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect((await listAudit(database.pool, {})).rows).toEqual([]);
  });

  it('takes any text a stranger can write', async () => {
    await append({ action: 'a', payload: { 'k\u0000': 'x\u0000y\ud800z\\u0000' }, actor: 'b\u0000' });
    const { rows } = await listAudit(database.pool, {});
    expect(rows[0]).toMatchObject({ payload: { k: 'xy\ufffdz\\u0000' }, actor: 'b' });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (payload) =>
        append({ action: 'a', payload, actor: 'b' }),
      ),
      { numRuns: 50 },
    );
  });

  it('cannot be changed or taken back', async () => {
    await append(filed('api-prod'));
    await expect(database.pool.query(`update audit_log set actor = 'eve'`)).rejects.toThrow('append-only');
    await expect(database.pool.query('delete from audit_log')).rejects.toThrow('append-only');
  });
});

describe('reading', () => {
  it('pages through everything once, newest first, though rows of one transaction share their time', async () => {
    await append(...Array.from({ length: 7 }, (_, i) => filed(`a${i}`)));
    await append(...Array.from({ length: 6 }, (_, i) => filed(`b${i}`)));
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await listAudit(database.pool, { limit: 3, cursor: cursor ?? undefined });
      seen.push(...ids(page));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual(['b5', 'b4', 'b3', 'b2', 'b1', 'b0', 'a6', 'a5', 'a4', 'a3', 'a2', 'a1', 'a0']);
  });

  it('has no further page after an exact fit', async () => {
    await append(filed('a'), filed('b'));
    expect((await listAudit(database.pool, { limit: 2 })).next_cursor).toBeNull();
  });

  it('gives fifty rows where no limit is named', async () => {
    await append(...Array.from({ length: 60 }, (_, i) => filed(`s${i}`)));
    expect((await listAudit(database.pool, {})).rows).toHaveLength(50);
    expect((await listAudit(database.pool, { limit: 500 })).rows).toHaveLength(60);
  });

  it('filters by exact action', async () => {
    await append(filed('a'), { ...filed('b'), action: 'console.alerts.ticket_filed' });
    expect(ids(await listAudit(database.pool, { action: 'console.alerts.ticket_filed' }))).toEqual(['b']);
    expect(ids(await listAudit(database.pool, { action: 'console' }))).toEqual([]);
  });

  it('finds a text in payload or actor, and takes it literally', async () => {
    await append(filed('api_prod'), filed('apixprod'), filed('c', '100%'), filed('d', 'back\\slash'));
    expect(ids(await listAudit(database.pool, { q: 'API_prod' }))).toEqual(['api_prod']);
    expect(ids(await listAudit(database.pool, { q: '%' }))).toEqual(['c']);
    expect(ids(await listAudit(database.pool, { q: 'k\\s' }))).toEqual(['d']);
    expect(ids(await listAudit(database.pool, { q: `' or 1=1 --` }))).toEqual([]);
  });

  it('leaves out what is older than since', async () => {
    await append(filed('old'));
    const { rows } = await database.pool.query<{ now: Date }>(
      `select clock_timestamp() + interval '2 milliseconds' as now`,
    );
    // The time in `since` must have passed before the next row.
    await database.pool.query('select pg_sleep_until($1)', [rows[0]?.now]);
    await append(filed('new'));
    expect(ids(await listAudit(database.pool, { since: rows[0]?.now }))).toEqual(['new']);
  });

  it('looks for a text in 31 days at a time, and leads on to earlier ones while there are any', async () => {
    const ages = [2, 40, 100];
    for (const days of ages) {
      await database.pool.query(
        `insert into audit_log (created_at, action, payload, actor)
         values (now() - make_interval(days => $1), 'a', jsonb_build_object('surface_id', 'api-' || $1), 'x')`,
        [days],
      );
    }
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await listAudit(database.pool, { q: 'api', cursor });
      pages.push(ids(page));
      expect(page.searched_since).toMatch(/^\d{4}-/);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(pages).toEqual([['api-2'], ['api-40'], [], ['api-100']]);
    const since = new Date(Date.now() - 50 * 86_400_000);
    const first = await listAudit(database.pool, { q: 'api', since });
    const second = await listAudit(database.pool, { q: 'api', since, cursor: first.next_cursor ?? '' });
    expect([ids(first), ids(second), second.next_cursor]).toEqual([['api-2'], ['api-40'], null]);
  });

  it('a search whose page is full goes on after its last row', async () => {
    await append(...['api-1', 'api-2', 'api-3'].map((id) => filed(id)));
    const first = await listAudit(database.pool, { q: 'api', limit: 2 });
    const second = await listAudit(database.pool, { q: 'api', limit: 2, cursor: first.next_cursor ?? '' });
    expect([ids(first), ids(second)]).toEqual([['api-3', 'api-2'], ['api-1']]);
    expect(first.searched_since).toBe(first.rows[1]?.created_at);
    expect(await listAudit(database.pool, {})).not.toHaveProperty('searched_since');
  });

  it.each<[string, Parameters<typeof listAudit>[1]]>([
    ['cursor', { cursor: 'nonsense' }],
    ['cursor', { cursor: '' }],
    ['cursor', { cursor: Buffer.from('99999999999999999999.1').toString('base64url') }],
    ['cursor', { cursor: Buffer.from(`1.1') or true --`).toString('base64url') }],
    ['limit', { limit: 0 }],
    ['limit', { limit: 501 }],
    ['limit', { limit: Number.NaN }],
    ['since', { since: new Date('yesterday') }],
    ['q', { q: 'a\u0000' }],
    ['action', { action: '\u0000' }],
  ])('rejects an invalid query and names %s', async (field, query) => {
    await expect(listAudit(database.pool, query)).rejects.toMatchObject({ code: 'invalid_field', field });
  });

  it('never fails on a cursor, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.bigInt({ min: 0n, max: 10n ** 19n }).map((n) => Buffer.from(`${n}.${n}`).toString('base64url')),
        ),
        async (cursor) => {
          const outcome = await listAudit(database.pool, { cursor }).catch((error: unknown) => error);
          expect(outcome).toSatisfy(
            (it) =>
              typeof it === 'object' && it !== null && ('rows' in it || ('code' in it && it.code === 'invalid_field')),
          );
        },
      ),
    );
  });
});
