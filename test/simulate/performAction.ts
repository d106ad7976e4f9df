import type { Action } from './actions.ts';
import type { Environment } from './environment.ts';
import type { EventSources } from './eventSources.ts';

/** The actions that take no time. `play` performs the others itself. */
export type Act = Exclude<Action, { do: 'pass' | 'steps' | 'overtake' }>;

type Acts = {
  [Name in Act['do']]: (act: Extract<Act, { do: Name }>, environment: Environment, sources: EventSources) => void;
};

const STOPS_WITHIN_MS = 2_000;

const ACTS: Acts = {
  fire: ({ alert, severity, twin }, _environment, sources) => sources.fire(alert, severity, twin),
  request: ({ alerts }, _environment, sources) => sources.request(alerts),
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
  /** Other processes take over its jobs, as when its database connection is lost. */
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
  'freescout fault': ({ on, how, ms }, { freescout }) => void freescout.faults.push({ on, how, ms }),
  'slack fault': ({ how }, { slack }) => void slack.faults.push(how),
  'slack hides': ({ hidden }, { slack }) => void Object.assign(slack.state, { hidden }),
  'database fault': ({ how }, { calls }) => void calls.faults.push(how),
  person: ({ act, pick }, { freescout }) => freescout.person(act, pick),
  reopen: ({ minutes }, { reopen }) => void Object.assign(reopen, { withinMs: minutes * 60_000 }),
  flood: ({ on }, { flood }) => (on ? flood.begin() : flood.end()),
  'come back': ({ alert, ms }, _environment, sources) => sources.comeBack(alert, ms),
  poison({ what }, { freescout }, sources) {
    freescout.state.poison = what;
    if (what === 'alert') sources.firePoisoned();
  },
  replay: ({ pick, edited }, { deadLetters }) => deadLetters.replay(pick, edited),
  hold: ({ why }, { holds }) => holds.set(why),
  'lost ticket': (_act, environment) => environment.freescout.lostTicket(),
  flag: ({ on }, { tables, clock }) => void tables.flag.push({ at: clock.now(), on }),
};

export function act(action: Act, environment: Environment, sources: EventSources): void {
  (ACTS[action.do] as (act: Act, environment: Environment, sources: EventSources) => void)(
    action,
    environment,
    sources,
  );
}

/** Replaces a process by a new one, which knows only what is in the database. */
function crash(index: number, environment: Environment): void {
  const worker = environment.workers[index];
  if (!worker) return;
  worker.alive = false;
  environment.jobs.takeOver(worker);
  environment.rehydrate();
  environment.begin(index);
}
