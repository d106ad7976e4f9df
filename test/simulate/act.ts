import type { Outside } from './dependencies.ts';
import type { World } from './environment.ts';
import type { Happening } from './happenings.ts';

/** What takes no time. What lets time pass is left to who plays the schedule. */
export type Act = Exclude<Happening, { do: 'pass' | 'steps' | 'overtake' }>;

type Acts = { [Name in Act['do']]: (act: Extract<Act, { do: Name }>, world: World, outside: Outside) => void };

const STOPS_WITHIN_MS = 2_000;

const ACTS: Acts = {
  fire: ({ alert, severity, twin }, _world, outside) => outside.fire(alert, severity, twin),
  resolve: ({ alert }, _world, outside) => outside.resolve(alert),
  'fall silent': ({ alert }, _world, outside) => outside.fallSilent(alert),
  check: ({ outcome }, _world, outside) => outside.check(outcome),
  click: (_act, _world, outside) => outside.click(),
  remove: (_act, _world, outside) => outside.remove(),
  maintain: ({ minutes }, _world, outside) => outside.maintain(minutes),

  crash: ({ process }, world) => crash(process, world),
  stop({ process }, world) {
    const worker = world.workers[process];
    if (!worker || worker.ending.signal.aborted) return;
    worker.ending.abort();
    world.clock.in(STOPS_WITHIN_MS, null, () => {
      if (world.workers[process] === worker) crash(process, world);
    });
  },
  /** Its jobs are taken over meanwhile, as its connection to the database is. */
  sleep({ process, ms }, { workers, clock, jobs }) {
    const worker = workers[process];
    if (!worker) return;
    worker.asleepUntil = Math.max(worker.asleepUntil, clock.now() + ms);
    jobs.takeOver(worker);
  },

  double: ({ pick }, { jobs }) => jobs.double(pick),
  redeliver: ({ pick }, world) => world.redeliver(pick),
  'late timer': ({ ms }, { lateTimers }) => void lateTimers.push(ms),
  desk: ({ up }, { desk }) => void Object.assign(desk.state, { up }),
  'desk mishap': ({ on, how, ms }, { desk }) => void desk.mishaps.push({ on, how, ms }),
  'slack mishap': ({ how }, { slack }) => void slack.mishaps.push(how),
  'slack hides': ({ hidden }, { slack }) => void Object.assign(slack.state, { hidden }),
  'database mishap': ({ how }, { calls }) => void calls.mishaps.push(how),
  person: ({ act, pick }, { desk }) => desk.person(act, pick),
  flag: ({ on }, { tables, clock }) => void tables.flag.push({ at: clock.now(), on }),
};

export function act(happening: Act, world: World, outside: Outside): void {
  (ACTS[happening.do] as (act: Act, world: World, outside: Outside) => void)(happening, world, outside);
}

/** A process is gone, and another begins in its place, which knows nothing but what stands in the database. */
function crash(index: number, world: World): void {
  const worker = world.workers[index];
  if (!worker) return;
  worker.alive = false;
  world.jobs.takeOver(worker);
  world.rehydrate();
  world.begin(index);
}
