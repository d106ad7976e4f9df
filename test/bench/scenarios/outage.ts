import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { untilStatus, watchedServices } from '../surfaces.ts';
import { decidedAlerts, waitFor } from '../waitFor.ts';

/** Direct messages are over when none has arrived for this long. */
const QUIET_MS = 5_000;

export const outage: Scenario = {
  name: 'outage',
  title: 'All surfaces down at once: 20 tickets and one umbrella ticket for the rest',
  aim: 'all decided ≤ 2 s after the outage is confirmed, all named in Slack ≤ 15 s',
  bound: 'the statements and effects of each alert',
  comparisons: [],
  // A second round would find no place in the window of the storm.
  sizes: { rounds: 1 },
  async prepare(environment, { surfaces }) {
    const { pool, stubs } = environment;
    const settings = await watchedServices(environment, { count: surfaces });
    await environment.program(['worker'], { ...settings, POLL_INTERVAL_SECONDS: '2' });
    await untilStatus(pool, surfaces, 'OPERATIONAL');
    return [
      {
        name: 'program',
        async measure() {
          stubs.take();
          stubs.setDown(true);
          await untilStatus(pool, surfaces, 'DOWN');
          const from = performance.timeOrigin + performance.now();
          await waitFor(async () => (await decidedAlerts(pool)) >= surfaces);
          const decided = performance.timeOrigin + performance.now();
          let arrived = stubs.take();
          let lastMessage = from;
          do {
            for (const { kind, at } of arrived) if (kind === 'message') lastMessage = Math.max(lastMessage, at);
            await sleep(QUIET_MS);
            arrived = stubs.take();
          } while (arrived.some(({ kind }) => kind === 'message'));
          return {
            'seconds until all are decided': (decided - from) / 1_000,
            'seconds until the last direct message': (lastMessage - from) / 1_000,
          };
        },
      },
    ];
  },
};
