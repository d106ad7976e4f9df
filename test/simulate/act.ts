import type { Environment } from './environment.ts';
import type { EventSources } from './eventSources.ts';
import type { Happening } from './happenings.ts';

/** What takes no time. What lets time pass is left to who plays the schedule. */
export type Act = Exclude<Happening, { do: 'pass' | 'steps' | 'overtake' }>;

type Acts = {
  [Name in Act['do']]: (act: Extract<Act, { do: Name }>, environment: Environment, sources: EventSources) => void;
};

const STOPS_WITHIN_MS = 2_000;

const ACTS: Acts = {
  fire: ({ alert, severity, twin }, _environment, sources) => sources.fire(alert, severity, twin),
  resolve: ({ alert }, _environment, sources) => sources.resolve(alert),
  'fall silent': ({ alert }, _environment, sources) => sources.fallSilent(alert),
  check: ({ outcome }, _environment, sources) => sources.check(outcome),
  click: (_act, _environment, sources) => sources.click(),
  remove: (_act, _environment, sources) => sources.remove(),
  maintain: ({ minutes }, _environment, sources) => sources.maintain(minutes),

  crash: ({ process }, environment) => crash(process, environment),
  stop({ process }, environment) {
    const worker = environment.workers[process];
    if (!worker || worker.ending.signal.aborted) return;
    worker.ending.abort();
    environment.clock.in(STOPS_WITHIN_MS, null, () => {
      if (environment.workers[process] === worker) crash(process, environment);
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
  redeliver: ({ pick }, environment) => environment.redeliver(pick),
  'late timer': ({ ms }, { lateTimers }) => void lateTimers.push(ms),
  freescout: ({ up }, { freescout }) => void Object.assign(freescout.state, { up }),
  'freescout mishap': ({ on, how, ms }, { freescout }) => void freescout.mishaps.push({ on, how, ms }),
  'slack mishap': ({ how }, { slack }) => void slack.mishaps.push(how),
  'slack hides': ({ hidden }, { slack }) => void Object.assign(slack.state, { hidden }),
  'database mishap': ({ how }, { calls }) => void calls.mishaps.push(how),
  person: ({ act, pick }, { freescout }) => freescout.person(act, pick),
  flag: ({ on }, { tables, clock }) => void tables.flag.push({ at: clock.now(), on }),
};

export function act(happening: Act, environment: Environment, sources: EventSources): void {
  (ACTS[happening.do] as (act: Act, environment: Environment, sources: EventSources) => void)(
    happening,
    environment,
    sources,
  );
}

/** A process is gone, and another begins in its place, which knows nothing but what stands in the database. */
function crash(index: number, environment: Environment): void {
  const worker = environment.workers[index];
  if (!worker) return;
  worker.alive = false;
  environment.jobs.takeOver(worker);
  environment.rehydrate();
  environment.begin(index);
}
