import { copyAlert } from '../actorCopies.ts';
import { alertsOf, postAlerts } from '../alerts.ts';
import { load } from '../client.ts';
import type { Environment } from '../environment.ts';
import { commitFloor, p50AndP99 } from '../floor.ts';
import { checkResult, createBenchDelivery } from '../grid.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { coresDuring } from '../usage.ts';

const FEW = 'a hundredth of them';
const MANY = '100,000 actors';
const SURFACES = 100;
const WARM_UP = 100;

export const eventCost: Scenario = {
  name: 'event-cost',
  title:
    'One event that changes an actor, delivered alone, with 100,000 actors (actors) and with 1,000, each with a row of history',
  aim: '≤ 1.2 ×',
  bound: 'one commit, and the depth of the indexes',
  comparisons: [
    { figure: 'p50 ms', of: MANY, to: FEW, aim: '≤ 1.2' },
    { figure: 'processor ms per event', of: MANY, to: FEW, aim: '≤ 1.2' },
    { figure: 'p50 ms', of: MANY, to: 'bare commits', aim: '–' },
  ],
  sizes: { count: 300 },
  async prepare(environment, { actors, count }) {
    return [
      await lane(environment, { name: MANY, database: 'bench_many', actors, count }),
      await lane(environment, { name: FEW, database: 'bench_few', actors: Math.ceil(actors / 100), count }),
      await commitFloor(environment),
    ];
  },
};

interface Filled {
  name: string;
  database: string;
  actors: number;
  /** Events in each round. */
  count: number;
}

async function lane(environment: Environment, { name, database, actors, count }: Filled): Promise<Lane> {
  const { pool, url } = await environment.database(database);
  const web = await environment.program(['web'], { DATABASE_URL: url });
  const [alert] = alertsOf('fill', 1);
  if (alert) await postAlerts(web.url, [alert]);
  await web.stop();
  environment.say(`adding ${actors} actors`);
  await copyAlert(pool, `bench:${alert?.id}`, { actors, history: actors });
  const deliver = createBenchDelivery(pool);
  let n = 0;
  /** Every second event of a surface takes it down. */
  const one = () => deliver([checkResult(n % SURFACES, Math.floor(n++ / SURFACES) % 2 === 1)]);
  return {
    name,
    async measure() {
      await load(WARM_UP, 1, one);
      const { result, usedMs } = await coresDuring({ pool, pids: [process.pid] }, () => load(count, 1, one));
      return { ...p50AndP99(result.ms), 'processor ms per event': (usedMs.programs + usedMs.postgres) / count };
    },
  };
}
