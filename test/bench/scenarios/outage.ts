import { get, load } from '../client.ts';
import type { Lane, Scenario } from '../scenario.ts';
import type { Stubs } from '../stubs.ts';
import { untilStatus, watchedServices } from '../surfaces.ts';
import { decidedAlerts, waitFor } from '../waitFor.ts';

/** Twenty and the umbrella, with two calls each, four at a time: the defaults of the program. */
const TICKETS = 21;
const CALLS = 2;
const AT_ONCE = 4;

const DECIDED = 'seconds until all are decided';
const NAMED = 'seconds until all are named in Slack';
const CALLS_ALONE = `the calls of ${TICKETS} tickets alone`;

export const outage: Scenario = {
  name: 'outage',
  title:
    'All surfaces down at once: 20 tickets and one umbrella ticket for the rest, counted from the last confirmation',
  aim: 'all decided ≤ 2 s after the outage is confirmed, all named in Slack ≤ 15 s',
  bound: 'the statements and effects of each alert; messages about many alerts wait 8 s for more of them',
  comparisons: [{ figure: DECIDED, of: 'program', to: CALLS_ALONE, aim: '–' }],
  limits: [
    { lane: 'program', figure: DECIDED, aim: '≤ 2' },
    { lane: 'program', figure: NAMED, aim: '≤ 15' },
  ],
  sizes: { rounds: 3 },
  async prepare(environment, { surfaces }) {
    const { stubs } = environment;
    const settings = await watchedServices(environment, { count: surfaces });
    const program: Lane = {
      name: 'program',
      async measure(round) {
        // A database of its own, since a second outage would find no slot in the window of the storm.
        const { url, pool } = await environment.database(`bench_outage_${round}`);
        stubs.setDown(false);
        const started = { ...settings, DATABASE_URL: url, POLL_INTERVAL_SECONDS: '2' };
        const worker = await environment.program(['worker'], started);
        await untilStatus(pool, surfaces, 'OPERATIONAL');
        stubs.take();
        stubs.setDown(true);
        await untilStatus(pool, surfaces, 'DOWN');
        const from = performance.timeOrigin + performance.now();
        await waitFor(async () => (await decidedAlerts(pool)) >= surfaces);
        const decided = performance.timeOrigin + performance.now();
        const named = await untilNamed(stubs, surfaces);
        const tickets = stubs.take().filter(({ kind }) => kind === 'ticket').length;
        await worker.stop();
        return { [DECIDED]: (decided - from) / 1_000, [NAMED]: (named - from) / 1_000, 'tickets filed': tickets };
      },
    };
    const calls: Lane = {
      name: CALLS_ALONE,
      async measure() {
        const { perSecond } = await load(TICKETS * CALLS, AT_ONCE, () => get(`${stubs.url}/api/mailboxes`));
        return { [DECIDED]: (TICKETS * CALLS) / perSecond };
      },
    };
    return [program, calls];
  },
};

/** When the direct message arrived after which this many services have been named. */
async function untilNamed(stubs: Stubs, services: number): Promise<number> {
  const named = new Set<string>();
  let looked = 0;
  let last = Number.NaN;
  await stubs.until((arrived) => {
    for (const { kind, text, at } of arrived.slice(looked)) {
      if (kind !== 'message' || named.size >= services) continue;
      for (const [id] of text.matchAll(/\bservice-\d+/g)) named.add(id);
      last = at;
    }
    looked = arrived.length;
    return named.size >= services;
  });
  return last;
}
