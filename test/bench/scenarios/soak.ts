import type { Pool } from 'pg';
import { installClock, setClock } from '../../faults/databaseClock.ts';
import { heapGrowth } from '../../fuzz/heap.ts';
import type { Program } from '../../support/startProgram.ts';
import { alertsOf, batches, postAlerts, type SentAlert } from '../alerts.ts';
import { post } from '../client.ts';
import { MEASURABLE, type Memory, memoryOf } from '../heapOfProgram.ts';
import type { Scenario } from '../scenario.ts';
import { watchedServices } from '../surfaces.ts';
import { count as countOf } from '../waitFor.ts';

const CYCLE_MS = 60_000;
const CYCLES_AN_HOUR = 60;
const SURFACES = 100;
/** Alerts that begin in one cycle and end in the next. */
const PASSING = 20;
const SAMPLES = 20;
/**
 * After this share of the time, caches have reached their size, and nearly all code in use is compiled, which takes megabytes.
 * Changes are kept for pages for two minutes, so that their number grows until then, too.
 */
const WARM_UP = 0.5;

export const soak: Scenario = {
  name: 'soak',
  title:
    'The heap after collections of the garbage, while 20,000 active alerts (count) are emitted in each cycle, 20 others begin and ' +
    '20 end, and 100 surfaces are checked. The clock of the database moves on by a minute with each cycle; one process',
  aim: 'flat over a million emissions and more',
  bound: 'nothing: caches have a limit, and code is compiled once',
  comparisons: [],
  limits: [{ lane: 'program', figure: 'MiB gained, on the line through all samples', aim: '≤ 2' }],
  sizes: { rounds: 1, seconds: 300 },
  async prepare(environment, { count, seconds }) {
    const { pool, url } = await environment.database('bench_soak', installClock);
    const settings = await watchedServices(environment, { count: SURFACES });
    const program = await environment.program(['start'], { ...settings, ...MEASURABLE, DATABASE_URL: url });
    const active = batches(alertsOf('soak', count));
    let cycles = 0;
    const cycle = async () => {
      cycles += 1;
      await setClock(url, cycles * CYCLE_MS);
      for (const batch of active) await postAlerts(program.url, batch);
      await postAlerts(program.url, passing(cycles));
      if (cycles > 1) await resolve(program, passing(cycles - 1));
    };
    return [
      {
        name: 'program',
        async measure() {
          const samples = await sampled(program, { seconds, cycle, say: environment.say });
          const warm = samples.slice(Math.ceil(samples.length * WARM_UP));
          environment.remarks.push(
            `Heap after each collection, in MiB: ${warm.map(({ heap }) => heap.toFixed(1)).join(', ')}.`,
          );
          const [first, last] = [warm[0], warm.at(-1)];
          return {
            'MiB of heap, last sample': last?.heap ?? Number.NaN,
            'MiB of heap, first sample after the warm-up': first?.heap ?? Number.NaN,
            'MiB gained, on the line through all samples': heapGrowth(
              warm.map(({ heap }, n) => ({ inputs: n, mib: heap })),
            ),
            'MiB resident, last sample': last?.resident ?? Number.NaN,
            'million emissions': (cycles * (count + 2 * PASSING)) / 1_000_000,
            'thousand checks': (await checksOf(pool)) / 1_000,
            'hours by the clock of the database': cycles / CYCLES_AN_HOUR,
          };
        },
      },
    ];
  },
};

const passing = (cycle: number): SentAlert[] => alertsOf(`x${cycle}`, PASSING);

const resolve = ({ url }: Program, alerts: readonly SentAlert[]) =>
  post(`${url}/api/alerts`, {
    source: 'bench',
    alerts: alerts.map(({ id, title }) => ({ alert_id: id, severity: 'P3', status: 'resolved', title })),
  });

const checksOf = (pool: Pool): Promise<number> => countOf(pool, 'checks');

interface Soak {
  seconds: number;
  cycle: () => Promise<void>;
  say: (what: string) => void;
}

/** Cycles without a pause, and a sample whenever a twentieth of the time is over. */
async function sampled(program: Program, { seconds, cycle, say }: Soak): Promise<Memory[]> {
  const samples: Memory[] = [];
  const from = performance.now();
  while (samples.length < SAMPLES) {
    await cycle();
    if (performance.now() - from < (samples.length * seconds * 1_000) / SAMPLES) continue;
    const memory = await memoryOf(program);
    samples.push(memory);
    say(`${samples.length} of ${SAMPLES} samples, ${memory.heap.toFixed(1)} MiB`);
  }
  return samples;
}
