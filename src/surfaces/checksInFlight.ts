import type { CheckedSurface } from './pollerEvents.ts';
import type { CheckResult } from './probe.ts';
import type { Claimed, Room } from './schedule.ts';
import type { SurfaceConfig } from './surfacesFile.ts';

/**
 * The checks that have begun and not ended, of which there is a limit. Slow ones have a lower limit of their own, so that
 * they leave places to those that are answered at once. A check is slow if its surface gave no answer last time, or if it
 * has waited for half a second: a surface that begins to hang is told from the others by nothing else. Where slow checks
 * exceed their limit and others wait for a place, checks are given up, and their surfaces are checked again as unresponsive ones.
 */
export interface ChecksInFlight {
  room(): Room;
  begin(surface: Claimed): void;
  /** Call ten times a second. */
  turn(): void;
  /** Gives up checks for surfaces that wait for a place. Returns the surfaces of these checks, which are due again. */
  giveUpSlow(): string[];
  /** Surfaces of which a check was given up and that had no result since: their next check counts as slow from its start. */
  givenUp(): string[];
  /** Tells later whether the checks that are in flight now have ended. */
  untilEnded(): () => boolean;
  /** Cancels all checks, also those that begin later; none of them has a result. */
  stop(): Promise<void>;
}

/** Slow checks may take this share of the places; the rest stays free for the others. */
const SLOW_SHARE = 0.75;
/** Turns, because they take longer while this process is too busy to read answers. */
const SLOW_AFTER_TURNS = 5;

interface Running {
  surface: Claimed;
  /** One for each check: a signal that all of them share would have as many listeners. */
  cancel: AbortController;
  turns: number;
  ended: Promise<void>;
}

export function createChecksInFlight(deps: {
  places: number;
  /** Checks a surface once; never throws. */
  probe: (surface: SurfaceConfig, signal: AbortSignal) => Promise<CheckResult>;
  onResult: (result: CheckedSurface) => void;
}): ChecksInFlight {
  const { places, probe, onResult } = deps;
  const maxSlow = Math.max(1, Math.floor(places * SLOW_SHARE));
  /** Oldest first. */
  const running = new Set<Running>();
  const givenUp = new Set<string>();
  let stopped = false;

  const slow = () => [...running].filter(({ surface, turns }) => surface.unresponsive || turns >= SLOW_AFTER_TURNS);

  async function check({ surface, cancel }: Pick<Running, 'surface' | 'cancel'>): Promise<void> {
    const began = performance.now();
    const result = await probe(surface.config, cancel.signal);
    // A check that we cancelled is not a result.
    if (cancel.signal.aborted) return;
    givenUp.delete(surface.id);
    // When the check ended, by the database's clock; it may have taken its whole timeout.
    const at = new Date(surface.claimed_at.getTime() + performance.now() - began);
    onResult({ surface, check: { ...result, surfaceId: surface.id, at } });
  }

  return {
    room: () => ({ any: places - running.size, unresponsive: Math.max(0, maxSlow - slow().length) }),
    begin(surface) {
      const cancel = new AbortController();
      if (stopped) cancel.abort();
      const begun: Running = { surface, cancel, turns: 0, ended: check({ surface, cancel }) };
      running.add(begun);
      void begun.ended.finally(() => running.delete(begun));
    },
    turn() {
      for (const each of running) each.turns += 1;
    },
    giveUpSlow() {
      const waiting = slow().filter(({ cancel }) => !cancel.signal.aborted);
      const tooMany = Math.max(0, waiting.length - maxSlow);
      // The youngest first: they lose the least of the time that they have waited.
      const fromYoungest = waiting.filter(({ surface }) => !surface.unresponsive).reverse();
      return fromYoungest.slice(0, tooMany).map(({ surface, cancel }) => {
        givenUp.add(surface.id);
        cancel.abort();
        return surface.id;
      });
    },
    givenUp: () => [...givenUp],
    untilEnded() {
      const now = [...running];
      return () => now.every((each) => !running.has(each));
    },
    async stop() {
      stopped = true;
      for (const { cancel } of running) cancel.abort();
      await Promise.allSettled([...running].map(({ ended }) => ended));
    },
  };
}
