import { act } from './act.ts';
import type { Breakage } from './breaks.ts';
import type { Violation } from './check.ts';
import { createEnvironment } from './environment.ts';
import { createEventSources } from './eventSources.ts';
import { ALERTS, type Happening, PROCESSES } from './happenings.ts';
import { createChecks } from './invariants.ts';

export interface Played {
  violation: Violation | null;
  /** How many happenings had taken place. */
  happened: number;
  steps: number;
  /** Virtual milliseconds. */
  lasted: number;
}

/** How far a task may be ahead that "the next" means. */
const AHEAD_MS = 60_000;
/** Long enough for whatever has to be in time, and for everything that waits to be done. */
const CALM_MS = 14 * 60_000;

/**
 * Plays one schedule: lets each of its happenings take place, and every invariant look after every step. Then the
 * environment gets well, and last of all everything that is wrong is over; after each of the two nothing may be left undone.
 */
export async function play(schedule: readonly Happening[], breakage: Breakage = {}): Promise<Played> {
  const environment = createEnvironment(breakage, PROCESSES);
  const sources = createEventSources(environment, ALERTS);
  const checks = createChecks(environment);
  const { clock, ledger, freescout, slack, calls, tables } = environment;
  const began = clock.now();
  let happened = 0;
  let violation: Violation | null = null;

  try {
    for (const happening of schedule) {
      ledger.troubledAt = clock.now();
      await happen(happening);
      happened += 1;
      if (violation) return played();
    }
    if (await calm()) return played();
    for (let alert = 0; alert < ALERTS; alert++) sources.resolve(alert);
    sources.check('up');
    sources.check('up');
    if (await calm()) return played();
    violation = checks.atEnd();
  } catch (error) {
    violation = { invariant: 'no fault', what: (error as Error).stack ?? String(error) };
  }
  return played();

  function played(): Played {
    return { violation, happened, steps: clock.steps(), lasted: clock.now() - began };
  }

  async function happen(happening: Happening): Promise<void> {
    if (happening.do === 'pass') return pass(happening.ms);
    if (happening.do === 'overtake') return step(clock.now() + AHEAD_MS, happening.skip).then(() => undefined);
    if (happening.do === 'steps') {
      for (let n = 0; n < happening.n && !violation; n++) await step(clock.now() + AHEAD_MS);
      return;
    }
    act(happening, environment, sources);
    look();
  }

  async function pass(ms: number): Promise<void> {
    const until = clock.now() + ms;
    while (!violation && (await step(until)));
  }

  async function step(until: number, skip = 0): Promise<boolean> {
    const went = await clock.step(until, skip);
    look();
    return went;
  }

  function look(): void {
    if (isTroubled()) ledger.troubledAt = clock.now();
    violation ??= checks.step();
  }

  function isTroubled(): boolean {
    if (!freescout.state.up || freescout.mishaps.length > 0 || slack.mishaps.length > 0 || calls.mishaps.length > 0)
      return true;
    return tables.flag.at(-1)?.on !== true || environment.workers.some(({ asleepUntil }) => asleepUntil > clock.now());
  }

  /** Everything works again, and whoever has something to say says it. */
  async function calm(): Promise<boolean> {
    freescout.state.up = true;
    if (tables.flag.at(-1)?.on !== true) tables.flag.push({ at: clock.now(), on: true });
    for (const mishaps of [freescout.mishaps, slack.mishaps, calls.mishaps, environment.lateTimers]) mishaps.length = 0;
    for (const sender of sources.senders) sender.speaks = true;
    await pass(CALM_MS);
    return violation !== null;
  }
}
