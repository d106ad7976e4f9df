import { alertsOf, batches, postAlerts } from '../alerts.ts';
import { load, post } from '../client.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { percentile } from '../statistics.ts';
import { untilStatus, watchedServices } from '../surfaces.ts';
import { decidedAlerts, waitFor } from '../waitFor.ts';

const STORM = 1_000;

export const investigate: Scenario = {
  name: 'investigate',
  title:
    'Investigate on surfaces without a ticket, with a help desk that answers at once, alone and during a storm of 1,000 alerts',
  aim: 'p50 ≤ 8 ms, p99 ≤ 40 ms',
  bound: 'the commits of click, attempt, ticket and result; during a storm, the processors',
  comparisons: [{ figure: 'p50 ms', of: 'during a storm', to: 'alone', aim: '1' }],
  sizes: { count: 50, latency: 0 },
  async prepare(environment, { count, rounds }) {
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
      return { 'p50 ms': percentile(ms, 50), 'p99 ms': percentile(ms, 99) };
    };
    const during: Lane = {
      name: 'during a storm',
      async measure(round) {
        const before = await decidedAlerts(pool);
        for (const batch of batches(alertsOf(`sto${round}`, STORM))) await postAlerts(web.url, batch, 'P2');
        const figures = await clicks();
        await waitFor(async () => (await decidedAlerts(pool)) >= before + STORM);
        return figures;
      },
    };
    return [{ name: 'alone', measure: clicks }, during];
  },
};
