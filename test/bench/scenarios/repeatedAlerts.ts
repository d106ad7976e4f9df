import { alertmanagerAlerts, alertsOf, batches, postAlerts, type SentAlert } from '../alerts.ts';
import { load } from '../client.ts';
import { startPeer } from '../peer.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { writtenDuring } from '../written.ts';

/** A process that takes over at a deploy has seen none of the active alerts. */
const FIRST = 'program, first repeat after a restart';

export const repeatedAlerts: Scenario = {
  name: 'repeated-alerts',
  title: 'Active alerts emitted again, in batches of 500',
  aim: '≥ 3 × Alertmanager, no row written; the first repeat after a restart ≥ 1 ×',
  bound: 'reading the request; after a restart, one transition for each alert that shows that nothing changes',
  comparisons: [
    { figure: 'alerts per second', of: 'program', to: 'Alertmanager', aim: '≥ 3' },
    { figure: 'alerts per second', of: FIRST, to: 'Alertmanager', aim: '≥ 1' },
  ],
  limits: [{ lane: 'program', figure: 'rows written', aim: '≤ 0' }],
  async prepare(environment, { count }) {
    const all = batches(alertsOf('repeat', count));
    let program = await environment.program(['web']);
    const repeat = async (send: (batch: SentAlert[]) => Promise<unknown>) => {
      const { perSecond } = await load(all.length, 1, (n) => send(all[n] ?? []));
      return { 'alerts per second': (perSecond * count) / all.length };
    };
    const toProgram = () => repeat((batch) => postAlerts(program.url, batch));
    const counted = async () => {
      const { result, rows } = await writtenDuring(environment.pool, toProgram);
      return { ...result, 'rows written': rows };
    };
    await toProgram();
    const lanes: Lane[] = [
      {
        name: FIRST,
        async measure() {
          await program.stop();
          program = await environment.program(['web']);
          return counted();
        },
      },
      {
        name: 'program',
        async measure() {
          await toProgram();
          return counted();
        },
      },
    ];
    const peer = await startPeer(environment);
    if (!peer) return lanes;
    const toPeer = () => repeat((batch) => peer.post(alertmanagerAlerts(batch)));
    await toPeer();
    return [...lanes, { name: 'Alertmanager', measure: toPeer }];
  },
};
