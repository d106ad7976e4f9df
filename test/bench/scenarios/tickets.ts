import { alertsOf, batches, postAlerts } from '../alerts.ts';
import { get, load } from '../client.ts';
import { filingProcesses } from '../filing.ts';
import type { Scenario } from '../scenario.ts';
import { count as countRows, filedAlerts, waitFor } from '../waitFor.ts';
import { perAlert, writtenDuring } from '../written.ts';

/** The default of FREESCOUT_CONCURRENCY. */
const AT_ONCE = 4;
/** To create and to tag. */
const CALLS = 2;
/** The program reads the tags before it replaces all of them, and afterwards whether they were saved. */
const CALLS_OF_PROGRAM = 4;

/** Messages about a ticket follow it, and would slow the next lane. */
const UNDER_WAY = "effects where status in ('pending', 'running')";

export const tickets: Scenario = {
  name: 'tickets',
  title: 'Tickets filed per second, with a help desk that takes 20 ms and four calls at a time',
  aim: '≥ 0.9 × what creating and tagging allows',
  bound: 'the help desk; further calls for a ticket, such as reading its tags back',
  comparisons: [
    { figure: 'tickets per second', of: 'program', to: 'two bare calls a ticket', aim: '≥ 0.9' },
    { figure: 'tickets per second', of: 'program', to: 'four bare calls a ticket', aim: '–' },
  ],
  sizes: { count: 200 },
  async prepare(environment, { count }) {
    const { pool, stubs } = environment;
    const web = await filingProcesses(environment).webAndWorker();
    const bare = async (calls: number) => {
      const { perSecond } = await load(count * calls, AT_ONCE, () => get(`${stubs.url}/api/mailboxes`));
      return { 'tickets per second': perSecond / calls };
    };
    return [
      {
        name: 'program',
        async measure(round) {
          const before = await filedAlerts(pool);
          const written = await writtenDuring(pool, async () => {
            const from = performance.now();
            for (const batch of batches(alertsOf(`tic${round}`, count))) await postAlerts(web.url, batch, 'P2');
            await waitFor(async () => (await filedAlerts(pool)) >= before + count);
            return (count * 1_000) / (performance.now() - from);
          });
          await waitFor(async () => (await countRows(pool, UNDER_WAY)) === 0);
          return { 'tickets per second': written.result, ...perAlert(written, count) };
        },
      },
      { name: 'two bare calls a ticket', measure: () => bare(CALLS) },
      { name: 'four bare calls a ticket', measure: () => bare(CALLS_OF_PROGRAM) },
    ];
  },
};
