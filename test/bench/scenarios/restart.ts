import { copyAlert } from '../actorCopies.ts';
import { alertsOf, postAlerts } from '../alerts.ts';
import { get } from '../client.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { waitFor } from '../waitFor.ts';

export const restart: Scenario = {
  name: 'restart',
  title:
    'From the start of a process until it is ready, with 100,000 actors (count) and 1,000,000 history rows (history)',
  aim: '≤ 1.5 s',
  bound: 'loading the program; nothing that is read at the start grows with the database',
  comparisons: [{ figure: 'seconds until ready', of: 'filled database', to: 'empty database', aim: '≤ 1.2' }],
  sizes: { count: 100_000 },
  async prepare(environment, { count, history }) {
    const lane = (name: string, databaseUrl: string): Lane => ({
      name,
      async measure() {
        const from = performance.now();
        const program = await environment.program(['web'], { DATABASE_URL: databaseUrl });
        await waitFor(() =>
          get(`${program.url}/readyz`).then(
            () => true,
            () => false,
          ),
        );
        const seconds = (performance.now() - from) / 1_000;
        await program.stop();
        return { 'seconds until ready': seconds };
      },
    });
    const empty = await environment.database('bench_empty');
    const { url } = await environment.program(['web']);
    const [alert] = alertsOf('fill', 1);
    if (alert) await postAlerts(url, [alert]);
    await copyAlert(environment.pool, `bench:${alert?.id}`, { actors: count, history });
    return [lane('filled database', environment.databaseUrl), lane('empty database', empty.url)];
  },
};
