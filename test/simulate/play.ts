import { type Action, ALERTS, PROCESSES } from './actions.ts';
import type { Breakage } from './breakage.ts';
import { createEnvironment } from './environment.ts';
import { createEventSources } from './eventSources.ts';
import type { Violation } from './invariantNames.ts';
import { createChecks } from './invariants.ts';
import { act } from './performAction.ts';

export interface Played {
  violation: Violation | null;
  /** How many actions were performed. */
  performed: number;
  steps: number;
  /** Virtual milliseconds. */
  lasted: number;
}

/** How far ahead the next task may be. */
const AHEAD_MS = 60_000;
/** Long enough for all deadlines and for all pending work. */
const RECOVERY_MS = 14 * 60_000;

/**
 * Plays one schedule: performs its actions and checks every invariant after every step. Then all faults end, and after that
 * all alerts resolve. In each of the two phases the program has time to finish all its work.
 */
export async function play(schedule: readonly Action[], breakage: Breakage = {}): Promise<Played> {
  const environment = createEnvironment(breakage, PROCESSES);
  const sources = createEventSources(environment, ALERTS);
  const checks = createChecks(environment);
  const { clock, ledger, freescout, slack, calls, tables, holds } = environment;
  const began = clock.now();
  let performed = 0;
  let violation: Violation | null = null;

  try {
    for (const action of schedule) {
      ledger.lastTroubleAt = clock.now();
      await perform(action);
      performed += 1;
      if (violation) return played();
    }
    if (await recover()) return played();
    for (let alert = 0; alert < ALERTS; alert++) sources.resolve(alert);
    environment.flood.resolve();
    sources.check('up');
    sources.check('up');
    if (await recover()) return played();
    violation = checks.atEnd();
  } catch (error) {
    violation = { invariant: 'no exception', what: (error as Error).stack ?? String(error) };
  }
  return played();

  function played(): Played {
    return { violation, performed, steps: clock.steps(), lasted: clock.now() - began };
  }

  async function perform(action: Action): Promise<void> {
    if (action.do === 'pass') return pass(action.ms);
    if (action.do === 'overtake') return step(clock.now() + AHEAD_MS, action.skip).then(() => undefined);
    if (action.do === 'steps') {
      for (let n = 0; n < action.n && !violation; n++) await step(clock.now() + AHEAD_MS);
      return;
    }
    act(action, environment, sources);
    check();
  }

  async function pass(ms: number): Promise<void> {
    const until = clock.now() + ms;
    while (!violation && (await step(until)));
  }

  async function step(until: number, skip = 0): Promise<boolean> {
    const ran = await clock.step(until, skip);
    check();
    return ran;
  }

  function check(): void {
    environment.flood.watch();
    if (hasTrouble()) ledger.lastTroubleAt = clock.now();
    violation ??= checks.step();
  }

  function hasTrouble(): boolean {
    if (!freescout.state.up || freescout.faults.length > 0 || slack.faults.length > 0 || calls.faults.length > 0)
      return true;
    return (
      tables.flag.at(-1)?.on !== true ||
      holds.isHeld() ||
      environment.workers.some(({ asleepUntil }) => asleepUntil > clock.now())
    );
  }

  /** Ends all faults and lets time pass. Resolves with whether an invariant was violated. */
  async function recover(): Promise<boolean> {
    Object.assign(freescout.state, { up: true, poison: null });
    holds.set(null);
    if (tables.flag.at(-1)?.on !== true) tables.flag.push({ at: clock.now(), on: true });
    for (const faults of [freescout.faults, slack.faults, calls.faults, environment.lateTimers]) faults.length = 0;
    environment.deadLetters.replayAll();
    await pass(RECOVERY_MS);
    return violation !== null;
  }
}
