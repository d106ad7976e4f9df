import type { Scenario } from '../scenario.ts';
import { watchedServices } from '../surfaces.ts';
import { observedWorker } from './poller.ts';

const SURFACES = 100;

export const idle: Scenario = {
  name: 'idle',
  title: 'An idle night: one worker, 100 healthy surfaces, no alert',
  aim: '≤ 1 % of a core',
  bound: 'the checks, and the tasks that run every second',
  comparisons: [],
  sizes: { rounds: 1, seconds: 120 },
  async prepare(environment, { seconds }) {
    const settings = await watchedServices(environment, { count: SURFACES });
    return [await observedWorker(environment, { settings, healthy: SURFACES, seconds })];
  },
};
