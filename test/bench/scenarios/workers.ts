import { alertsOf, batches, postAlerts } from '../alerts.ts';
import { filingProcesses } from '../filing.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { filedAlerts, waitFor } from '../waitFor.ts';

const PROCESSES = [1, 2, 4];

export const workers: Scenario = {
  name: 'workers',
  title:
    'Alerts filed per second by 1, 2 and 4 worker processes on one Postgres, with a help desk that answers at once',
  aim: 'more processes file more, until Postgres or FreeScout is the bound',
  bound: 'Postgres: on a machine with few processors it shares them with the workers',
  comparisons: [
    { figure: 'tickets per second', of: '2 workers', to: '1 worker', aim: '> 1' },
    { figure: 'tickets per second', of: '4 workers', to: '1 worker', aim: '> 1' },
  ],
  sizes: { count: 300, latency: 0 },
  async prepare(environment, { count }) {
    const { pool } = environment;
    const { web: startWeb, worker } = filingProcesses(environment);
    const web = await startWeb();
    return PROCESSES.map(
      (processes): Lane => ({
        name: processes === 1 ? '1 worker' : `${processes} workers`,
        async measure(round) {
          const started = await Promise.all(Array.from({ length: processes }, worker));
          const before = await filedAlerts(pool);
          const from = performance.now();
          for (const batch of batches(alertsOf(`w${processes}r${round}`, count)))
            await postAlerts(web.url, batch, 'P2');
          await waitFor(async () => (await filedAlerts(pool)) >= before + count);
          const seconds = (performance.now() - from) / 1_000;
          await Promise.all(started.map((each) => each.stop()));
          return { 'tickets per second': count / seconds };
        },
      }),
    );
  },
};
