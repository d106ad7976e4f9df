import { alertsOf, batches, postAlerts } from '../alerts.ts';
import { load } from '../client.ts';
import { commitFloor } from '../floor.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { coresDuring } from '../usage.ts';

const PROCESSES = [1, 2, 4];
/** The same for every number of processes. */
const SENDERS = 4;
const FIGURE = 'alerts per second';

export const webProcesses: Scenario = {
  name: 'web-processes',
  title:
    'New alerts accepted by 1, 2 and 4 web processes on one Postgres, from four senders with batches of 500, and the processor ' +
    'time of all of them',
  aim: 'more processes accept more, until Postgres is the bound',
  bound: 'the processors: the transitions of the machines share them with Postgres',
  comparisons: [
    { figure: FIGURE, of: '2 processes', to: '1 process', aim: '> 1' },
    { figure: FIGURE, of: '4 processes', to: '1 process', aim: '> 1' },
    { figure: FIGURE, of: '1 process', to: 'bare commits', toFigure: 'per second', aim: '–' },
  ],
  sizes: { rounds: 3, count: 5_000 },
  async prepare(environment, { count }) {
    const { pool, program } = environment;
    const all = await Promise.all(Array.from({ length: Math.max(...PROCESSES) }, () => program(['web'])));
    const lane = (processes: number): Lane => ({
      name: processes === 1 ? '1 process' : `${processes} processes`,
      async measure(round) {
        const sent = batches(alertsOf(`p${processes}r${round}`, count));
        const to = (n: number) => all[n % processes]?.url ?? '';
        const { result, cores } = await coresDuring({ pool, pids: all.map(({ pid }) => pid) }, () =>
          load(sent.length, SENDERS, (n) => postAlerts(to(n), sent[n] ?? [])),
        );
        return { [FIGURE]: (result.perSecond * count) / sent.length, ...cores };
      },
    });
    return [...PROCESSES.map(lane), await commitFloor(environment)];
  },
};
