import { alertsOf, batches, postAlerts } from '../alerts.ts';
import { load, post } from '../client.ts';
import { commitAndCallFloor, p50AndP99 } from '../floor.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { untilStatus, watchedServices } from '../surfaces.ts';
import { decidedAlerts, waitFor } from '../waitFor.ts';

export const investigate: Scenario = {
  name: 'investigate',
  title:
    'Investigate on surfaces without a ticket, with a help desk that answers at once, alone and while a storm of 1,000 alerts (surfaces) is decided',
  aim: 'p50 ≤ 8 ms, p99 ≤ 40 ms',
  bound: 'the commits of click, attempt, ticket and result; during a storm, the processors',
  comparisons: [
    { figure: 'p50 ms', of: 'during a storm', to: 'alone', aim: '–' },
    { figure: 'p50 ms', of: 'alone', to: 'one commit and one call', aim: '–' },
  ],
  limits: ['alone', 'during a storm'].flatMap((lane) => [
    { lane, figure: 'p50 ms', aim: '≤ 8' },
    { lane, figure: 'p99 ms', aim: '≤ 40' },
  ]),
  sizes: { count: 50, latency: 0 },
  async prepare(environment, { count, rounds, surfaces: storm }) {
    const { pool, stubs } = environment;
    // Each click needs a surface that has no ticket.
    const surfaces = 2 * rounds * count;
    const watched = await watchedServices(environment, { count: surfaces, severityDown: 'none' });
    const settings = { ...watched, POLL_INTERVAL_SECONDS: '3600' };
    stubs.setDown(true);
    const web = await environment.program(['web'], settings);
    await environment.program(['worker'], settings);
    await untilStatus(pool, surfaces, 'DOWN');
    let used = 0;
    const click = () => post(`${web.url}/console/status/investigate/service-${used++}`, {});
    const clicks = async () => {
      const { ms } = await load(count, 1, click);
      return p50AndP99(ms);
    };
    const during: Lane = {
      name: 'during a storm',
      async measure(round) {
        const before = await decidedAlerts(pool);
        for (const batch of batches(alertsOf(`sto${round}`, storm))) await postAlerts(web.url, batch, 'P2');
        const figures = await clicks();
        // None would mean that the storm was over before the last click.
        const left = before + storm - (await decidedAlerts(pool));
        await waitFor(async () => (await decidedAlerts(pool)) >= before + storm);
        return { ...figures, 'alerts undecided after the last click': left };
      },
    };
    return [{ name: 'alone', measure: clicks }, during, await commitAndCallFloor(environment, count)];
  },
};
