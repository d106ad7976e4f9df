import type { Alertmanager } from '../../support/alertmanager.ts';
import { alertmanagerAlerts, alertsOf, batches, postAlerts, roundOf } from '../alerts.ts';
import { load } from '../client.ts';
import { commitFloor } from '../floor.ts';
import { startPeer } from '../peer.ts';
import { BARE_ROWS, rowFloor } from '../rowFloor.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { perAlert, writtenDuring } from '../written.ts';

/** As the program handles each alert by itself. */
const EACH_A_GROUP = 'Alertmanager, each alert a group';
const ONE_GROUP = 'Alertmanager, all one group';

export const newAlerts: Scenario = {
  name: 'new-alerts',
  title:
    'New alerts accepted, in batches of 500, durable when accepted; no worker runs. Alertmanager keeps them in memory',
  aim: '≥ 1 × Alertmanager',
  bound: 'the transitions of the machines, and the rows that Postgres writes',
  comparisons: [
    { figure: 'alerts per second', of: 'program', to: EACH_A_GROUP, aim: '≥ 1' },
    { figure: 'alerts per second', of: 'program', to: ONE_GROUP, aim: '–' },
    { figure: 'alerts per second', of: 'program', to: BARE_ROWS, aim: '–' },
    { figure: 'alerts per second', of: 'program', to: 'bare commits', toFigure: 'per second', aim: '–' },
  ],
  async prepare(environment, { count }) {
    const program = await environment.program(['web']);
    const perSecond = async (round: number, send: (batch: ReturnType<typeof alertsOf>) => Promise<unknown>) => {
      const all = batches(alertsOf(round, count));
      const { perSecond } = await load(all.length, 1, (n) => send(all[n] ?? []));
      return { 'alerts per second': (perSecond * count) / all.length };
    };
    const peerLane = (name: string, peer: Alertmanager): Lane => ({
      name,
      async measure(round) {
        const figures = await perSecond(round, (batch) => peer.post(alertmanagerAlerts(batch)));
        // Alerts that it took for known ones would be no measure.
        const taken = await peer.count('id', roundOf(round));
        if (taken !== count) throw new Error(`Alertmanager has ${taken} alerts of round ${round}, not ${count}`);
        return figures;
      },
    });
    const [each, one] = [await startPeer(environment, ['...']), await startPeer(environment)];
    return [
      {
        name: 'program',
        async measure(round) {
          const written = await writtenDuring(environment.pool, () =>
            perSecond(round, (batch) => postAlerts(program.url, batch)),
          );
          return { ...written.result, ...perAlert(written, count) };
        },
      },
      await rowFloor(environment, count),
      await commitFloor(environment),
      ...(each ? [peerLane(EACH_A_GROUP, each)] : []),
      ...(one ? [peerLane(ONE_GROUP, one)] : []),
    ];
  },
};
