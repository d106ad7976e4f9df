import type { EffectHandlers } from '../../src/actors/effectRunner.ts';
import type { Message } from '../../src/actors/messages.ts';
import { type EffectRunDeps, resultOf } from './effectRuns.ts';
import type { Job, Worker } from './jobs.ts';
import type { EffectRow } from './tables.ts';

/** From a commit until the batch that takes its effects claims them. */
const CLAIMED_AFTER_MS = 1;
/** Of so many effects one is begun directly, as in the process that committed it. */
const ONE_DIRECTLY_OF = 4;

/**
 * Decides effects many at once by the rules of `src/actors/effectBatches.ts`, with tables in memory. All that become due
 * within a moment are claimed by one process. When that process ends at any point, another one takes over its claims.
 */
export function createBatches(deps: {
  addJob: (job: Job, inMs: number) => void;
  handlersOf: (worker: Worker) => EffectHandlers;
  runDeps: Omit<EffectRunDeps, 'handlers'>;
  /** Lets an effect run alone. */
  runAlone: (effectId: string) => void;
}) {
  const { addJob, handlersOf, runDeps, runAlone } = deps;
  const { tables, calls } = runDeps;
  const decidable = new Set(['fileTicket', 'sendDm']);
  let due: string[] = [];
  let begun = 0;

  /** A new effect; an urgent one never joins a batch. */
  function add({ id, src, actorId }: EffectRow, isAhead: boolean): void {
    begun += 1;
    if (isAhead || actorId.startsWith('surface:') || !decidable.has(src) || begun % ONE_DIRECTLY_OF === 0) {
      runAlone(id);
      return;
    }
    due.push(id);
    if (due.length > 1) return;
    addJob(runDue(), CLAIMED_AFTER_MS);
  }

  /** The effects that are due when it first starts; whoever takes it over has the same ones. */
  function runDue(): Job {
    let mine: readonly string[] | null = null;
    return (worker) => {
      if (mine === null) {
        mine = due;
        due = [];
      }
      return runBatch(mine, worker);
    };
  }

  async function runBatch(ids: readonly string[], worker: Worker): Promise<void> {
    const claimed = await calls.write(worker, () =>
      ids.flatMap((id) => tables.effects.get(id) ?? []).filter(({ status }) => status === 'pending'),
    );
    const results = await decideAll(claimed, handlersOf(worker));
    const isDelivered = await deliverAll(claimed, results, worker);
    await calls.write(worker, () => {
      for (const { id, status } of claimed) {
        if ((status === 'pending' || status === 'running') && !(isDelivered && results.has(id))) runAlone(id);
      }
    });
  }

  async function decideAll(claimed: readonly EffectRow[], handlers: EffectHandlers): Promise<Map<string, unknown>> {
    const results = new Map<string, unknown>();
    for (const src of decidable) {
      const ofKind = claimed.filter((effect) => effect.src === src) as (EffectRow & { input: never })[];
      // A failure leaves each effect to a run of its own.
      const decided = await handlers[src]?.decide?.(ofKind).catch(() => null);
      for (const [id, result] of decided ?? []) results.set(id, result);
    }
    return results;
  }

  function deliverAll(claimed: readonly EffectRow[], results: Map<string, unknown>, worker: Worker): Promise<boolean> {
    const messages: Message[] = claimed
      .filter(({ id }) => results.has(id))
      .map((effect) => resultOf(effect, 'done', results.get(effect.id)));
    return calls
      .write(worker, () => runDeps.deliver(messages))
      .then(
        () => true,
        () => false,
      );
  }

  return { add };
}
