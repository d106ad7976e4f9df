import { setTimeout as sleep } from 'node:timers/promises';
import { get, load } from '../client.ts';
import { koaFloor } from '../floor.ts';
import { checkResult, createBenchDelivery, fillGrid, storeChecks } from '../grid.ts';
import { openLivePage, readersOf } from '../livePage.ts';
import type { Scenario } from '../scenario.ts';
import { median, percentile } from '../statistics.ts';
import { processorMs } from '../usage.ts';

const AT_ONCE = 4;
const SETTLED_MS = 2_000;
const HEADERS = { accept: 'text/html', 'accept-encoding': 'br, gzip' };
/** A line for each surface instead of a tile. */
const LIST = '?density=list';

export const statusPage: Scenario = {
  name: 'status-page',
  title:
    'The status page with many surfaces, as tiles and as a list, and its open pages, while checks are stored and one surface changes every second',
  aim: '≥ 200 requests per second, p95 ≤ 50 ms',
  bound: 'the read of the grid after a change, and compressing it once for all readers',
  comparisons: [
    { figure: 'per second', of: 'full page', to: 'bare Koa', aim: '–' },
    { figure: 'p50 ms', of: 'full page', to: 'bare Koa', aim: '–' },
    { figure: 'per second', of: 'as a list', to: 'full page', aim: '–' },
  ],
  limits: [
    { lane: 'full page', figure: 'per second', aim: '≥ 200' },
    { lane: 'full page', figure: 'p95 ms', aim: '≤ 50' },
    { lane: 'as a list', figure: 'per second', aim: '≥ 200' },
    { lane: 'as a list', figure: 'p95 ms', aim: '≤ 50' },
  ],
  sizes: { count: 600 },
  async prepare(environment, { surfaces, pages, count }) {
    const { pool } = environment;
    const deliver = createBenchDelivery(pool);
    await fillGrid(pool, deliver, surfaces);
    // No process checks these surfaces, and no check becomes outdated.
    const program = await environment.program(['web'], { POLL_INTERVAL_SECONDS: '3600', ...readersOf(pages) });
    const url = `${program.url}/console/status`;
    const open = await Promise.all(Array.from({ length: pages }, (_, page) => openLivePage(program.url, page)));
    environment.onStop('pages', () => {
      for (const page of open) page.close();
    });

    let second = 0;
    const change = async () => {
      second += 1;
      await storeChecks(pool, surfaces, second);
      await deliver([checkResult(1, second % 2 === 1)]);
    };
    /** Runs `work` while the grid changes once a second. */
    async function duringChanges<T>(work: () => Promise<T>): Promise<T> {
      const timer = setInterval(() => void change(), 1_000);
      return work().finally(() => clearInterval(timer));
    }
    const requests = (address: string) => duringChanges(() => figuresOf(address, { count, pid: program.pid }));
    return [
      { name: 'full page', measure: () => requests(url) },
      { name: 'as a list', measure: () => requests(url + LIST) },
      {
        name: 'open pages',
        async measure() {
          // The updates of earlier changes arrive first.
          await sleep(SETTLED_MS);
          const waiting = open.map((page) => page.updated());
          const before = processorMs(program.pid);
          const from = performance.now();
          await change();
          const took = (await Promise.all(waiting)).map((at) => at - from);
          return {
            'ms until a change is shown, median page': median(took),
            'ms until a change is shown, last page': Math.max(...took),
            'processor ms per change': processorMs(program.pid) - before,
            'kB as transferred': (open[0]?.bytes() ?? 0) / 1_000,
          };
        },
      },
      koaFloor(environment),
    ];
  },
};

/** Figures of this many requests to the program. */
async function figuresOf(url: string, { count, pid }: { count: number; pid: number }): Promise<Record<string, number>> {
  const { bytes } = await get(url, HEADERS);
  const before = processorMs(pid);
  const { perSecond, ms } = await load(count, AT_ONCE, () => get(url, HEADERS));
  return {
    'per second': perSecond,
    'p50 ms': percentile(ms, 50),
    'p95 ms': percentile(ms, 95),
    'processor ms per request': (processorMs(pid) - before) / count,
    'kB as transferred': bytes / 1_000,
  };
}
