import type { Pool } from 'pg';
import { startLoopLoad } from '../lib/loopLoad.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import type { Log } from '../log/log.ts';
import { startClaimOwner } from './claimOwner.ts';
import type { Deliver } from './deliver.ts';
import { createEffectBatches } from './effectBatches.ts';
import type { EffectHandlers, EffectRunner } from './effectRunner.ts';
import { createEffectStarts } from './effectStarts.ts';
import { EFFECT, isUrgent, namesUpTo } from './enqueue.ts';
import { createJobClaims } from './jobClaims.ts';
import type { BeginEffects } from './newEffects.ts';
import type { Registry } from './registry.ts';

/** The effects that this process takes past the workers of the queue: batches of many, and its own after their commit. */
export interface LocalEffects {
  /** See {@link EffectStarts}. */
  begin: BeginEffects;
  /** True if the effect was decided together with others; else it has to run. */
  offer(effectId: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** A process without workers has few places, so that what a single alert needs begins at once and a burst is left to workers. */
const PLACES_WITHOUT_WORKERS = 4;
/** Beyond this load of its event loop such a process leaves effects to workers: it also serves pages. */
const BUSY_SHARE = 0.8;
/** Longer than the grace period of running effects. */
const STOP_WITHIN_MS = 8_000;
const FREE_FORGOTTEN_EVERY_MS = 15_000;

export function startLocalEffects(deps: {
  pool: Pool;
  databaseUrl: string;
  registry: Registry;
  handlers: EffectHandlers;
  runner: EffectRunner;
  deliver: Deliver;
  concurrency: { urgent: number; other: number };
  share: 'urgent' | 'all';
  /** Effects that are not urgent begin here only if this process can run them. */
  canRun?: (src: string) => boolean;
  /** Whether the event loop of this process is busy. */
  isBusy?: () => boolean;
  log: Log;
  signal: AbortSignal;
  onEnd?: (src: string, outcome: 'done') => void;
}): LocalEffects {
  const { pool, databaseUrl, registry, handlers, runner, deliver, concurrency, log, signal } = deps;
  const { canRun = () => true } = deps;
  const owner = startClaimOwner(databaseUrl, log);
  const claims = createJobClaims({
    ...{ pool, owner: owner.id, log, signal },
    decidable: Object.keys(handlers).filter((src) => handlers[src]?.decide),
    // The effects of an actor that represents many others run by themselves, ahead of the rest.
    jobNames: namesUpTo(
      EFFECT,
      registry.all.filter(({ ahead }) => !ahead),
    ),
  });
  const batches = createEffectBatches({ claims, handlers, deliver, log, ...(deps.onEnd ? { onEnd: deps.onEnd } : {}) });
  const isAll = deps.share === 'all';
  const timer = setInterval(() => void claims.freeForgotten(), FREE_FORGOTTEN_EVERY_MS);
  const starts = createEffectStarts({
    ...{ claims, runner, log },
    // Few, since the workers of the queue make as many calls as their number besides.
    places: { urgent: concurrency.urgent, other: isAll ? Math.ceil(concurrency.other / 2) : PLACES_WITHOUT_WORKERS },
    onMany: isAll ? batches.wake : () => undefined,
  });
  // A process with workers begins effects however busy it is.
  const load = isAll || deps.isBusy ? undefined : startLoopLoad(BUSY_SHARE);
  const isBusy = deps.isBusy ?? load?.isBusy;

  return {
    begin(added) {
      const hasTime = isAll || !isBusy?.();
      return starts.begin(
        added.map((effect) => {
          const { actor_id, src } = effect;
          const entry = registry.of(actor_id);
          const urgent = isUrgent(entry.urgent, src);
          const leads = entry.leading?.includes(src) ?? false;
          return { effect, isUrgent: urgent, mayBegin: src in handlers && (urgent || (hasTime && canRun(src))), leads };
        }),
      );
    },
    offer: batches.offer,
    async stop() {
      clearInterval(timer);
      load?.stop();
      const ended = Promise.all([starts.stop(), batches.stop()]);
      await withTimeout(STOP_WITHIN_MS, ended, () => new Error(`still running after ${STOP_WITHIN_MS / 1000} s`)).catch(
        (error: unknown) => log.warn({ err: error }, 'effects did not stop in time; abandoning them'),
      );
      await owner.stop();
    },
  };
}
