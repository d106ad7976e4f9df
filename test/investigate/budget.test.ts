import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Environment,
  filed,
  POSTS,
  type Process,
  refusal,
  reportChecks,
  startClickEnvironment,
  ticketsAbout,
} from '../support/clickEnvironment.ts';
import { eventually } from '../support/eventually.ts';

/** One budget of 15 s for the whole answer, whatever is slow, and the answer stays true afterwards. */

const BUDGET_MS = 15_000;
const PAUSE_MS = 14_000;
const environments: Environment[] = [];
const open = async (): Promise<Environment> => {
  const environment = await startClickEnvironment({ FREESCOUT_TIMEOUT_MS: '10000', FREESCOUT_IN_DOUBT_SECONDS: '120' });
  environments.push(environment);
  return environment;
};
afterAll(() => Promise.all(environments.map((environment) => environment.close())));

let slow: Environment;
let silent: Environment;
let idle: Environment;
let dead: Environment;
let late: Environment;
beforeAll(async () => {
  [slow, silent, idle, dead, late] = await Promise.all([open(), open(), open(), open(), open()]);
});

/** The answer must come within the budget, apart from the time by which this machine is late itself. */
async function inTime<T>(web: Process, work: Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const answered = work.then((result) => ({ result, tookMs: performance.now() - startedAt }));
  const [{ result, tookMs }, lateMs] = await Promise.all([answered, lateness(web)]);
  expect(tookMs - lateMs).toBeLessThan(BUDGET_MS);
  return result;
}

/** How late a pause of 14 s and three deliveries are on this machine, in milliseconds; next to nothing on an idle one. */
async function lateness(web: Process): Promise<number> {
  const startedAt = performance.now();
  await sleep(PAUSE_MS);
  for (const id of ['late-1', 'late-2', 'late-3']) await reportChecks(web, id, 'up');
  return performance.now() - startedAt - PAUSE_MS;
}

describe.concurrent('within 15 seconds', () => {
  test('a FreeScout that takes 6 s for each call is abandoned, and nothing is filed afterwards', async () => {
    const one = slow.process();
    await reportChecks(one, 'api', 'up', 'down');
    slow.desk.control.faults.add({ kind: 'delay', delay_ms: 6_000 });
    const answer = inTime(one, refusal(one.investigate('api', 'olga')));
    await passDeadlineEarlier(slow, 'api');
    expect(await answer).toMatchObject({ reason: 'freescout_unavailable' });
    slow.desk.control.faults.clear();
    await eventually(async () => {
      const { rows } = await slow.pool.query(
        "select 1 from actors where id = 'surface:api' and state->>'investigation' = 'idle'",
      );
      expect(rows).toHaveLength(1);
    });
    expect(ticketsAbout(slow, 'api')).toHaveLength(0);
  });

  test('a FreeScout that receives the new ticket and never answers is outcome_unknown', async () => {
    const one = silent.process();
    await reportChecks(one, 'api', 'up', 'down');
    silent.desk.control.faults.add({ kind: 'hang', ...POSTS });
    expect(await inTime(one, refusal(one.investigate('api', 'olga')))).toMatchObject({ reason: 'outcome_unknown' });
  });

  test('a click without a worker is refused, and is not filed when a worker starts', async () => {
    const web = await withoutWorkers(idle, 'planned');
    const answer = inTime(web, refusal(web.investigate('planned', 'olga')));
    await passDeadlineEarlier(idle, 'planned');
    expect(await answer).toMatchObject({ reason: 'freescout_unavailable' });
    const worker = idle.process();
    await eventually(async () => {
      const { rows } = await idle.pool.query('select phase from filings');
      expect(rows).toStrictEqual([{ phase: 'withdrawn' }]);
    });
    expect(ticketsAbout(idle, 'planned')).toHaveLength(0);
    expect(await filed(worker.investigate('planned', 'olga'))).toMatchObject({ idempotent: false });
  });

  test('a click whose worker died after sending its request is outcome_unknown', async () => {
    const web = await withoutWorkers(dead, 'attempting', 'created', 'tagged');
    const answers = ['attempting', 'created', 'tagged'].map(async (phase) => {
      const answer = inTime(web, refusal(web.investigate(phase, 'olga')));
      await updateFiling(dead, phase, 'phase = $1', phase);
      return (await answer).reason;
    });
    expect(new Set(await Promise.all(answers))).toStrictEqual(new Set(['outcome_unknown']));
  });

  test('a click that arrived so late that its request may still be sent is outcome_unknown', async () => {
    const web = await withoutWorkers(late, 'belated');
    const answer = inTime(web, refusal(web.investigate('belated', 'olga')));
    await updateFiling(late, 'belated', "deadline_at = deadline_at + $1 * interval '1 s'", 10);
    expect(await answer).toMatchObject({ reason: 'outcome_unknown' });
  });
});

const updateFiling = ({ pool }: Environment, id: string, change: string, value: unknown) =>
  eventually(async () => {
    const { rowCount } = await pool.query(`update filings set ${change} where actor_id = $2`, [value, `surface:${id}`]);
    expect(rowCount).toBe(1);
  });

/** Makes sure that the deadline of the POST is over when the answer is due, even if this machine delivered the click late. */
const passDeadlineEarlier = (environment: Environment, id: string) =>
  updateFiling(environment, id, "deadline_at = deadline_at - $1 * interval '1 s'", 3);

/** A process that accepts clicks on these surfaces but does not work on their effects. */
async function withoutWorkers(environment: Environment, ...ids: string[]) {
  const web = environment.process();
  for (const id of ids) await reportChecks(web, id, 'up', 'down');
  await web.host.stop(0);
  return web;
}
