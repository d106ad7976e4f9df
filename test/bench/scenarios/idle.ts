import { setTimeout as sleep } from 'node:timers/promises';
import { requestFloor } from '../floor.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { untilStatus, watchedServices } from '../surfaces.ts';
import { coresDuring, PROGRAM } from '../usage.ts';

const SURFACES = 100;
const INTERVAL_S = 30;

/** What a start leaves to be done is over by then. */
const SETTLED_MS = 5_000;

export const idle: Scenario = {
  name: 'idle',
  title: 'An idle night: 100 healthy surfaces checked every 30 s, no alert, no open page',
  aim: '≤ 1 % of a core',
  bound: 'the checks, and the looks for work that are due every quarter second',
  comparisons: [{ figure: PROGRAM, of: 'web and worker', to: 'as many bare requests', aim: '–' }],
  limits: [{ lane: 'web and worker', figure: PROGRAM, aim: '≤ 1' }],
  sizes: { rounds: 2 },
  async prepare(environment, { seconds }) {
    const { pool, program } = environment;
    const settings = {
      ...(await watchedServices(environment, { count: SURFACES })),
      POLL_INTERVAL_SECONDS: String(INTERVAL_S),
    };
    const [web, worker] = await Promise.all([program(['web'], settings), program(['worker'], settings)]);
    await untilStatus(pool, SURFACES, 'OPERATIONAL');
    const night: Lane = {
      name: 'web and worker',
      async measure() {
        await sleep(SETTLED_MS);
        environment.say(`observing for ${seconds} s`);
        const { cores } = await coresDuring({ pool, pids: [web.pid, worker.pid] }, () => sleep(seconds * 1_000));
        return cores;
      },
    };
    const floor = requestFloor(environment);
    const requests: Lane = {
      name: 'as many bare requests',
      async measure(round) {
        const { 'processor ms per check': ms = Number.NaN } = await floor.measure(round);
        return { [PROGRAM]: (100 * ms * SURFACES) / (INTERVAL_S * 1_000) };
      },
    };
    return [night, requests];
  },
};
