import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Environment,
  filed,
  POSTS,
  refusal,
  reportChecks,
  startClickEnvironment,
  ticketsAbout,
} from '../support/clickEnvironment.ts';
import { eventually } from '../support/eventually.ts';

/** One budget of 15 s for the whole answer, whatever is slow, and what was said then stays true. */

const BUDGET_MS = 15_000;
const houses: Environment[] = [];
const open = async (): Promise<Environment> => {
  const house = await startClickEnvironment({ FREESCOUT_TIMEOUT_MS: '10000', FREESCOUT_IN_DOUBT_SECONDS: '120' });
  houses.push(house);
  return house;
};
afterAll(() => Promise.all(houses.map((house) => house.close())));

let slow: Environment;
let silent: Environment;
let idle: Environment;
let dead: Environment;
beforeAll(async () => {
  [slow, silent, idle, dead] = await Promise.all([open(), open(), open(), open()]);
});

async function timed<T>(work: Promise<T>): Promise<T> {
  const from = performance.now();
  const result = await work;
  expect(performance.now() - from).toBeLessThan(BUDGET_MS);
  return result;
}

describe.concurrent('within 15 seconds', () => {
  test('a FreeScout that takes 6 s for each call is given up, and nothing is filed afterwards', async () => {
    const one = slow.process();
    await reportChecks(one, 'api', 'up', 'down');
    slow.desk.control.faults.add({ kind: 'delay', delay_ms: 6_000 });
    expect(await timed(refusal(one.investigate('api', 'olga')))).toMatchObject({ reason: 'freescout_unavailable' });
    slow.desk.control.faults.clear();
    await eventually(async () => {
      const { rows } = await slow.pool.query("select 1 from actors where state->>'investigation' = 'idle'");
      expect(rows).toHaveLength(1);
    });
    expect(ticketsAbout(slow, 'api')).toHaveLength(0);
  });

  test('a FreeScout that takes the new ticket and never answers is outcome_unknown', async () => {
    const one = silent.process();
    await reportChecks(one, 'api', 'up', 'down');
    silent.desk.control.faults.add({ kind: 'hang', ...POSTS });
    expect(await timed(refusal(one.investigate('api', 'olga')))).toMatchObject({ reason: 'outcome_unknown' });
  });

  test('a click that nobody works is given up, and is not filed when somebody does', async () => {
    const web = await withoutWorkers(idle, 'planned');
    expect(await timed(refusal(web.investigate('planned', 'olga')))).toMatchObject({ reason: 'freescout_unavailable' });
    const worker = idle.process();
    await eventually(async () => {
      const { rows } = await idle.pool.query('select phase from filings');
      expect(rows).toStrictEqual([{ phase: 'withdrawn' }]);
    });
    expect(ticketsAbout(idle, 'planned')).toHaveLength(0);
    expect(await filed(worker.investigate('planned', 'olga'))).toMatchObject({ idempotent: false });
  });

  test('a click whose worker died after its request left is outcome_unknown, never "no ticket was filed"', async () => {
    const web = await withoutWorkers(dead, 'attempting', 'created', 'tagged');
    const answers = ['attempting', 'created', 'tagged'].map(async (phase) => {
      const answer = timed(refusal(web.investigate(phase, 'olga')));
      await becomesFiling(phase, 'phase = $1', phase);
      return (await answer).reason;
    });
    expect(new Set(await Promise.all(answers))).toStrictEqual(new Set(['outcome_unknown']));
  });

  test('a click that was so long in coming in that its request may leave yet is outcome_unknown', async () => {
    const web = await withoutWorkers(dead, 'belated');
    const answer = timed(refusal(web.investigate('belated', 'olga')));
    await becomesFiling('belated', "deadline_at = deadline_at + $1 * interval '1 s'", 10);
    expect(await answer).toMatchObject({ reason: 'outcome_unknown' });
  });
});

const becomesFiling = (id: string, what: string, value: unknown) =>
  eventually(async () => {
    const { rowCount } = await dead.pool.query(`update filings set ${what} where actor_id = $2`, [
      value,
      `surface:${id}`,
    ]);
    expect(rowCount).toBe(1);
  });

/** A process that takes clicks on these surfaces and files nothing. */
async function withoutWorkers(house: Environment, ...ids: string[]) {
  const web = house.process();
  for (const id of ids) await reportChecks(web, id, 'up', 'down');
  await web.host.stop(0);
  return web;
}
