import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';

/** Several processes receive the same alerts. What each remembers of them is out of date again and again. */

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let processes: ReturnType<typeof environment.process>[];
beforeAll(async () => {
  environment = await startEnvironment({ FLAP_MAX_EPISODES: '1000', STORM_MAX_TICKETS: '1000' });
  processes = [1, 2, 3].map(() => environment.process());
});
afterAll(() => environment.close());

/** Whole numbers below a limit, the same in each run. */
function drawing(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

it('in every answer, and at the end, alerts that three processes receive in turn are as the last message says', async () => {
  const draw = drawing(20_260_505);
  const known = ['disk', 'memory', 'network'].map((id) => ({ id, active: false, episode: 0, details: 0 }));
  for (let n = 0; n < 80; n++) {
    const alert = known[draw(known.length)] as (typeof known)[0];
    const receiver = processes[draw(processes.length)];
    const isOver = alert.active && draw(5) === 0;
    if (!alert.active) alert.episode += 1;
    if (draw(4) === 0) alert.details += 1;
    alert.active = !isOver;
    const answer = isOver
      ? await receiver?.resolve(alert.id)
      : await receiver?.fire(alert.id, { details: `Reading ${alert.details}` });
    const state = isOver ? 'resolved' : 'firing';
    expect(answer, `message ${n}`).toEqual({ accepted: 1, alerts: [{ alert_key: `monitor:${alert.id}`, state }] });
  }
  const { rows } = await environment.pool.query<{ id: string; context: Record<string, unknown> }>(
    "select substr(id, 15) as id, snapshot->'context' as context from actors where kind = 'alert' order by id",
  );
  expect(rows.map(({ id, context: { active, episode } }) => ({ id, active, episode }))).toEqual(
    known.map(({ id, active, episode }) => ({ id, active, episode })),
  );
  for (const { id, active, details } of known) {
    if (active) expect(rows.find((row) => row.id === id)?.context.details).toBe(`Reading ${details}`);
  }
});
