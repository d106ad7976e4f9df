import { alertmanagerAlerts, alertsOf, batches, postAlerts } from '../alerts.ts';
import { load } from '../client.ts';
import { commitFloor } from '../floor.ts';
import { startPeer } from '../peer.ts';
import type { Lane, Scenario } from '../scenario.ts';

export const newAlerts: Scenario = {
  name: 'new-alerts',
  title: 'New alerts accepted, in batches of 500, durable when accepted; no worker runs',
  aim: '≥ 1 × Alertmanager',
  bound: 'the transitions of the machines, and the statements of `deliver`',
  comparisons: [
    { figure: 'alerts per second', of: 'program', to: 'Alertmanager', aim: '≥ 1' },
    { figure: 'alerts per second', of: 'program', to: 'bare commits', toFigure: 'per second', aim: '–' },
  ],
  async prepare(environment, { count }) {
    const program = await environment.program(['web']);
    const peer = await startPeer(environment);
    const perSecond = async (round: number, send: (batch: ReturnType<typeof alertsOf>) => Promise<unknown>) => {
      const all = batches(alertsOf(round, count));
      const { perSecond } = await load(all.length, 1, (n) => send(all[n] ?? []));
      return { 'alerts per second': (perSecond * count) / all.length };
    };
    const lanes: Lane[] = [
      { name: 'program', measure: (round) => perSecond(round, (batch) => postAlerts(program.url, batch)) },
      await commitFloor(environment),
    ];
    if (peer) {
      lanes.push({
        name: 'Alertmanager',
        measure: (round) => perSecond(round, (batch) => peer.post(alertmanagerAlerts(batch))),
      });
    }
    return lanes;
  },
};
