import type { Log } from '../log/log.ts';
import type { Deliver } from './deliver.ts';
import { resultMessage } from './effectResult.ts';
import type { EffectHandlers } from './effectRunner.ts';
import type { ClaimedEffect, JobClaims } from './jobClaims.ts';
import { PartlyDelivered } from './messages.ts';

/**
 * Decides many effects at once that need no call to another system, such as the alerts of a storm that get no ticket of
 * their own. All that is due is claimed in batches, asked about in a few statements, and delivered together.
 * What needs a call returns to the queue and runs alone. One batch at a time, while there is something to claim.
 */
export interface EffectBatches {
  /** Adds an effect whose job a worker of the queue holds to the next batch; false if it has to run. */
  offer(effectId: string): Promise<boolean>;
  /** Many effects have become due. */
  wake(): void;
  /** Resolves when the batch that is under way has ended; no other begins. */
  stop(): Promise<void>;
}

const MAX_EFFECTS = 200;

/** An effect may be offered again while its first offer waits: its job was taken over, and came back to this process. */
interface Offer {
  id: string;
  answer: (isDecided: boolean) => void;
}

export function createEffectBatches(deps: {
  claims: JobClaims;
  handlers: EffectHandlers;
  deliver: Deliver;
  log: Log;
  onEnd?: (src: string, outcome: 'done') => void;
}): EffectBatches {
  const { claims, handlers, deliver, log } = deps;
  let offers: Offer[] = [];
  let isWanted = false;
  let stopped = false;
  let isRunning = false;
  let running: Promise<void> | undefined;

  function wake(): void {
    isWanted = true;
    if (isRunning || stopped) return;
    isRunning = true;
    running = runAll();
  }

  async function runAll(): Promise<void> {
    while (isWanted && !stopped) {
      isWanted = false;
      const mine = offers;
      offers = [];
      try {
        isWanted = (await runBatch(mine)) || isWanted;
      } catch (error) {
        log.debug({ err: error }, 'batch of effects failed; each runs alone');
      }
      for (const { answer } of mine) answer(false);
    }
    // In the same step as the last look at `isWanted`, so that no offer falls between.
    isRunning = false;
    for (const { answer } of offers.splice(0)) answer(false);
  }

  /** Returns whether there may be more to claim. */
  async function runBatch(offered: readonly Offer[]): Promise<boolean> {
    const effects = await claims.takeUndecided(MAX_EFFECTS, [...new Set(offered.map(({ id }) => id))]);
    const results = await decideAll(effects);
    // What has to run alone does not wait for the delivery, which may wait for a locked actor.
    const alone = claims.release(effects.filter(({ id }) => !results.has(id)));
    for (const { id, answer } of offered) if (!results.has(id)) answer(false);
    const decided = effects.filter(({ id }) => results.has(id));
    let delivered = new Set<string>();
    try {
      delivered = await deliverResults(decided, results);
    } finally {
      const isOver = ({ id }: ClaimedEffect) => delivered.has(id);
      const rest = decided.filter((effect) => !isOver(effect));
      await Promise.all([alone, claims.complete(decided.filter(isOver)), claims.release(rest)]);
    }
    for (const { id, src } of decided) if (delivered.has(id)) deps.onEnd?.(src, 'done');
    for (const { id, answer } of offered) answer(delivered.has(id));
    return effects.filter(({ job_id }) => job_id !== null).length >= MAX_EFFECTS;
  }

  /** A failure of one kind leaves the other kinds alone. */
  async function decideAll(effects: readonly ClaimedEffect[]): Promise<Map<string, unknown>> {
    const kinds = [...new Set(effects.map(({ src }) => src))];
    const results = await Promise.all(
      kinds.map(async (src) => {
        const ofKind = effects.filter((effect) => effect.src === src);
        try {
          return [...((await handlers[src]?.decide?.(ofKind)) ?? [])];
        } catch (error) {
          log.debug({ err: error, src }, 'effects could not be decided together; each runs alone');
          return [];
        }
      }),
    );
    return new Map(results.flat());
  }

  /** Returns the effects whose results were delivered. */
  async function deliverResults(
    effects: readonly ClaimedEffect[],
    results: ReadonlyMap<string, unknown>,
  ): Promise<Set<string>> {
    const messages = effects.map((effect) => resultMessage(effect, 'done', results.get(effect.id) ?? null));
    const delivered = new Set(effects.map(({ id }) => id));
    try {
      await deliver(messages);
    } catch (error) {
      if (!(error instanceof PartlyDelivered)) throw error;
      for (const { effect } of error.undelivered) if (effect) delivered.delete(effect.id);
    }
    return delivered;
  }

  return {
    wake,
    offer(effectId) {
      if (stopped) return Promise.resolve(false);
      return new Promise((answer) => {
        offers.push({ id: effectId, answer });
        wake();
      });
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}
