import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../src/log/log.ts';
import { createPoller, type Poller } from '../../src/surfaces/poller.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const HOUR = 3_600;
let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
const running: Poller[] = [];
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  await environment.pool.query('delete from surfaces');
});
afterAll(() => environment.close());

/** A process that polls every hour. Its checks fail, all at the moment when `finish` is called. */
function poll() {
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const begun: string[] = [];
  const poller = createPoller({
    pool: environment.pool,
    deliver: one.deliver,
    probe: async ({ id }) => {
      begun.push(id);
      await finished;
      return { outcome: 'down', latencyMs: 3, httpStatus: 500, error: 'HTTP 500' };
    },
    intervalSeconds: HOUR,
    log: createLog({ level: 'silent' }),
    // As the program has it: what is written with the results makes their delivery one transaction.
    also: async (client) => void (await client.query('select 1')),
  });
  running.push(poller);
  poller.start();
  return { begun, finish };
}

const row = async (sql: string, id: string) => (await environment.pool.query(sql, [id])).rows[0];
const status = async (id: string) =>
  (await row("select snapshot->'context'->>'status' as status from actors where id = 'surface:' || $1", id))?.status;
const checks = async (id: string) =>
  (await row('select count(*)::int as n from checks where surface_id = $1', id))?.n as number;

it.each([
  ['actor', 'held-actor', "select from actors where id = 'surface:held-actor' for update"],
  ['row', 'held-row', "select from surfaces where id = 'held-row' for update"],
])(
  'while another transaction holds the %s of a surface, the others go on, and its result is kept',
  async (_, id, lock) => {
    const beside = `beside-${id}`;
    await environment.surfaces({ id, failures_to_open: 1 }, { id: beside, failures_to_open: 1 });
    await one.check(id, 'up');
    const { begun, finish } = poll();
    await eventually(() => expect(begun).toHaveLength(2));
    const stuck = await environment.pool.connect();
    await stuck.query(`begin; set local idle_in_transaction_session_timeout = 0; ${lock}`);

    finish();
    await eventually(async () => expect(await status(beside)).toBe('DOWN'));
    expect(await status(id)).toBe('OPERATIONAL');
    await stuck.query('rollback');
    stuck.release();
    await eventually(async () => expect(await status(id)).toBe('DOWN'));
    expect([await checks(id), await checks(beside)]).toEqual([1, 1]);
    expect(begun).toHaveLength(2);
  },
);

it('a surface whose next check lies further ahead than the interval is checked now, after a clock was set back', async () => {
  await environment.surfaces({ id: 'ahead', failures_to_open: 1 });
  await environment.pool.query(`
    update surfaces set next_check_at = clock_timestamp() + interval '2 hours', outcome = 'up',
      checked_at = clock_timestamp() + interval '1 hour' where id = 'ahead'`);
  const { finish } = poll();
  finish();
  await eventually(async () => expect(await status('ahead')).toBe('DOWN'));
  expect(
    await row('select outcome, checked_at <= clock_timestamp() as past from surfaces where id = $1', 'ahead'),
  ).toEqual({
    outcome: 'down',
    past: true,
  });
});
