import { callsAmongStorms } from '../amongStorms.ts';
import { load, post } from '../client.ts';
import { commitAndCallFloor, p50AndP99 } from '../floor.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { createStorms } from '../storms.ts';
import { untilStatus, watchedServices } from '../surfaces.ts';

/** A smaller storm would be over before a click is answered. */
const SMALLEST_STORM = 500;
/** The clicks that are made during storms at most, as a multiple of those that are measured: some outlast their storm. */
const SPARE = 1.5;

export const investigate: Scenario = {
  name: 'investigate',
  title:
    'Investigate on surfaces without a ticket, with a help desk that answers at once, alone and while storms of 1,000 alerts (surfaces) ' +
    'follow each other; a click counts there if the same storm had undecided alerts before and after it',
  aim: 'p50 ≤ 8 ms, p99 ≤ 40 ms beyond the time of the help desk, also during a storm',
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
    const most = Math.ceil(SPARE * count);
    // Each click needs a surface that has no ticket.
    const surfaces = rounds * (count + most);
    const watched = await watchedServices(environment, { count: surfaces, severityDown: 'none' });
    const settings = { ...watched, POLL_INTERVAL_SECONDS: '3600' };
    stubs.setDown(true);
    const web = await environment.program(['web'], settings);
    await environment.program(['worker'], settings);
    await untilStatus(pool, surfaces, 'DOWN');
    const storms = createStorms({ pool, url: web.url, size: Math.max(storm, SMALLEST_STORM) });
    let used = 0;
    const click = () => post(`${web.url}/console/status/investigate/service-${used++}`, {});
    const alone: Lane = {
      name: 'alone',
      async measure() {
        const { ms } = await load(count, 1, click);
        return { ...p50AndP99(ms), 'clicks measured': ms.length };
      },
    };
    const during: Lane = {
      name: 'during a storm',
      async measure() {
        const before = storms.sent();
        const { ms, others } = await callsAmongStorms(storms, { wanted: count, most }, click);
        await storms.over();
        return {
          ...p50AndP99(ms),
          'clicks measured': ms.length,
          'clicks that outlasted their storm': others,
          'storms sent': storms.sent() - before,
        };
      },
    };
    return [alone, during, await commitAndCallFloor(environment, count)];
  },
};
