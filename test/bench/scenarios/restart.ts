import { copyAlert } from '../actorCopies.ts';
import { alertsOf, postAlerts } from '../alerts.ts';
import { get } from '../client.ts';
import { nodeFloor } from '../floor.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { waitFor } from '../waitFor.ts';

const READY = 'seconds until ready';

export const restart: Scenario = {
  name: 'restart',
  title:
    'From the start of a process until it is ready, with 100,000 actors (actors) and 1,000,000 history rows (history)',
  aim: '≤ 1.5 s',
  bound: 'loading the program; nothing that is read at the start grows with the database',
  comparisons: [
    { figure: READY, of: 'web, filled database', to: 'web, empty database', aim: '≤ 1.2' },
    { figure: READY, of: 'web, empty database', to: 'Node.js alone', aim: '–' },
  ],
  limits: [
    { lane: 'web, filled database', figure: READY, aim: '≤ 1.5' },
    { lane: 'worker, filled database', figure: READY, aim: '≤ 1.5' },
  ],
  async prepare(environment, { actors, history }) {
    const lane = (command: 'web' | 'worker', filled: string, databaseUrl: string): Lane => ({
      name: `${command}, ${filled} database`,
      async measure() {
        const from = performance.now();
        const program = await environment.program([command], { DATABASE_URL: databaseUrl });
        await waitFor(() =>
          get(`${program.url}/readyz`).then(
            () => true,
            () => false,
          ),
        );
        const seconds = (performance.now() - from) / 1_000;
        await program.stop();
        return { [READY]: seconds };
      },
    });
    const empty = await environment.database('bench_empty');
    const first = await environment.program(['web']);
    const [alert] = alertsOf('fill', 1);
    if (alert) await postAlerts(first.url, [alert]);
    await first.stop();
    environment.say(`adding ${actors} actors and ${history} rows of their history`);
    await copyAlert(environment.pool, `bench:${alert?.id}`, { actors, history });
    return [
      lane('web', 'filled', environment.databaseUrl),
      lane('worker', 'filled', environment.databaseUrl),
      lane('web', 'empty', empty.url),
      nodeFloor(),
    ];
  },
};
