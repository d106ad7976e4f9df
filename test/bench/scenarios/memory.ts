import { alertmanagerAlerts, alertsOf, batches, postAlerts, type SentAlert } from '../alerts.ts';
import { startPeer } from '../peer.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { residentMiB } from '../usage.ts';

/** How often all alerts are emitted again in a round. */
const CYCLES = 5;

export const memory: Scenario = {
  name: 'memory',
  title:
    'Resident memory with active alerts that are emitted again, five times in each round; the program in one process, Alertmanager with its default groups',
  aim: '≤ 0.5 × Alertmanager, the same in every round',
  bound: 'the memory of Node.js itself and of what it has loaded; the garbage collector returns little of it',
  comparisons: [{ figure: 'MiB', of: 'program', to: 'Alertmanager', aim: '≤ 0.5' }],
  async prepare(environment, { count }) {
    const all = batches(alertsOf('memory', count));
    const program = await environment.program(['start']);
    const lane = (name: string, pid: () => number, send: (batch: SentAlert[]) => Promise<unknown>): Lane => ({
      name,
      async measure() {
        for (let cycle = 0; cycle < CYCLES; cycle++) for (const batch of all) await send(batch);
        return { MiB: residentMiB(pid()) };
      },
    });
    const lanes = [
      lane(
        'program',
        () => program.pid,
        (batch) => postAlerts(program.url, batch),
      ),
    ];
    const peer = await startPeer(environment);
    if (peer) lanes.push(lane('Alertmanager', peer.pid, (batch) => peer.post(alertmanagerAlerts(batch))));
    return lanes;
  },
};
