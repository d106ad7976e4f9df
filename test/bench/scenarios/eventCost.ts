import { copyAlert } from '../actorCopies.ts';
import { alertsOf, postAlerts } from '../alerts.ts';
import { load } from '../client.ts';
import type { Environment } from '../environment.ts';
import { checkResult, createBenchDelivery } from '../grid.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { percentile } from '../statistics.ts';

const FEW = 1_000;
const MANY = 100_000;
const SURFACES = 100;

export const eventCost: Scenario = {
  name: 'event-cost',
  title: 'One event that changes an actor, delivered alone, with 1,000 and with 100,000 actors in the database',
  aim: '≤ 1.2 ×',
  bound: 'one commit, and the depth of the indexes',
  comparisons: [{ figure: 'p50 ms', of: `${MANY} actors`, to: `${FEW} actors`, aim: '≤ 1.2' }],
  sizes: { count: 300 },
  async prepare(environment, { count }) {
    return [await lane(environment, FEW, count), await lane(environment, MANY, count)];
  },
};

async function lane(environment: Environment, actors: number, count: number): Promise<Lane> {
  const { pool, url } = await environment.database(`bench_${actors}`);
  const web = await environment.program(['web'], { DATABASE_URL: url });
  const [alert] = alertsOf('fill', 1);
  if (alert) await postAlerts(web.url, [alert]);
  await web.stop();
  await copyAlert(pool, `bench:${alert?.id}`, { actors, history: actors });
  const deliver = createBenchDelivery(pool);
  let n = 0;
  return {
    name: `${actors} actors`,
    async measure() {
      // Every second event of a surface takes it down.
      const { ms } = await load(count, 1, () =>
        deliver([checkResult(n % SURFACES, Math.floor(n++ / SURFACES) % 2 === 1)]),
      );
      return { 'p50 ms': percentile(ms, 50), 'p99 ms': percentile(ms, 99) };
    },
  };
}
