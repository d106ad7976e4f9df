import type { Program } from '../../support/startProgram.ts';
import { alertsOf, batches, postAlerts } from '../alerts.ts';
import { filingProcesses } from '../filing.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { coresDuring, PROGRAM } from '../usage.ts';
import { filedAlerts, waitFor } from '../waitFor.ts';

const PROCESSES = [1, 2, 4];
const FIGURE = 'tickets per second';

export const workers: Scenario = {
  name: 'workers',
  title:
    'Alerts filed per second by 1, 2 and 4 worker processes on one Postgres, with a help desk that answers at once, and the ' +
    'processor time of all of them',
  aim: 'more processes file more, until Postgres or FreeScout is the bound',
  bound: 'the processors: the workers share them with Postgres, the web process and the stub of FreeScout',
  comparisons: [
    { figure: FIGURE, of: '2 workers', to: '1 worker', aim: '> 1' },
    { figure: FIGURE, of: '4 workers', to: '1 worker', aim: '> 1' },
  ],
  sizes: { count: 300, latency: 0 },
  async prepare(environment, { count }) {
    const { pool, stubs } = environment;
    const { web: startWeb, worker } = filingProcesses(environment);
    const web = await startWeb();
    const file = async (name: string): Promise<number> => {
      const before = await filedAlerts(pool);
      const from = performance.now();
      for (const batch of batches(alertsOf(name, count))) await postAlerts(web.url, batch, 'P2');
      await waitFor(async () => (await filedAlerts(pool)) >= before + count);
      return (count * 1_000) / (performance.now() - from);
    };
    return PROCESSES.map(
      (processes): Lane => ({
        name: processes === 1 ? '1 worker' : `${processes} workers`,
        async measure(round) {
          const started: Program[] = await Promise.all(Array.from({ length: processes }, worker));
          const pids = [web, ...started].map(({ pid }) => pid);
          const stub = await coresDuring({ pool, pids: [stubs.pid] }, () =>
            coresDuring({ pool, pids }, () => file(`w${processes}r${round}`)),
          );
          const { result, cores } = stub.result;
          await Promise.all(started.map((each) => each.stop()));
          return { [FIGURE]: result, ...cores, 'stub of FreeScout, % of a core': stub.cores[PROGRAM] ?? Number.NaN };
        },
      }),
    );
  },
};
