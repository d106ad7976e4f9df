import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createSchedule } from '../../src/surfaces/schedule.ts';
import { startEnvironment } from '../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
beforeAll(async () => {
  environment = await startEnvironment();
});
beforeEach(async () => {
  await environment.pool.query('delete from surfaces');
  await environment.surfaces({ id: 'b', name: 'B' }, { id: 'a', name: 'A' });
});
afterAll(() => environment.close());

const rows = async () =>
  (
    await environment.pool.query(
      "select id, position, config->>'name' as name, removed_at is not null as removed, next_check_at <= now() as due from surfaces order by position, id",
    )
  ).rows;

it('surfaces of the file are stored in its order and due at once', async () => {
  expect(await rows()).toEqual([
    { id: 'b', position: 1, name: 'B', removed: false, due: true },
    { id: 'a', position: 2, name: 'A', removed: false, due: true },
  ]);
});

it('a changed surface keeps its schedule and its last check', async () => {
  await environment.pool.query(
    "update surfaces set next_check_at = now() + interval '1 hour', checked_at = now(), outcome = 'up'",
  );
  await environment.surfaces({ id: 'a', name: 'A (renamed)' }, { id: 'b', name: 'B' });
  expect(await rows()).toEqual([
    { id: 'a', position: 1, name: 'A (renamed)', removed: false, due: false },
    { id: 'b', position: 2, name: 'B', removed: false, due: false },
  ]);
});

it('a surface that is being checked is not due again when the same file is read', async () => {
  const file = [{ id: 'a', interval_seconds: 60 }, { id: 'b' }];
  await environment.surfaces(...file);
  await environment.pool.query("update surfaces set checked_at = now() - interval '61 s'");
  const schedule = createSchedule(environment.pool, 30);
  expect(await schedule.claim({ any: 2, unresponsive: 2 }, [])).toHaveLength(2);
  await environment.surfaces(...file);
  expect((await schedule.due()).checks).toBe(false);
});

it('a removed surface keeps its row without checks, and is due at once when it returns', async () => {
  await environment.surfaces({ id: 'a' });
  expect((await rows()).find(({ id }) => id === 'b')).toMatchObject({ removed: true });
  await environment.surfaces({ id: 'b' }, { id: 'a' });
  expect((await rows()).find(({ id }) => id === 'b')).toMatchObject({ removed: false, due: true });
  const { rows: seen } = await environment.pool.query("select checked_at from surfaces where id = 'b'");
  expect(seen).toEqual([{ checked_at: null }]);
});

it('an empty file removes everything', async () => {
  await environment.surfaces();
  expect((await rows()).map(({ removed }) => removed)).toEqual([true, true]);
});

it('many processes can sync the file at once', async () => {
  const surfaces = Array.from({ length: 40 }, (_, n) => ({ id: `m-${n}` }));
  await Promise.all(
    Array.from({ length: 8 }, (_, n) => environment.surfaces(...(n % 2 ? surfaces : surfaces.toReversed()))),
  );
  expect((await rows()).filter(({ id, removed }) => id.startsWith('m-') && !removed)).toHaveLength(40);
});
