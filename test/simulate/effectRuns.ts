import { Again, type EffectHandlers } from '../../src/actors/effectRunner.ts';
import type { Message } from '../../src/actors/messages.ts';
import type { Calls } from './calls.ts';
import type { Worker } from './jobs.ts';
import type { EffectRow, Tables } from './tables.ts';

export interface EffectRunDeps {
  tables: Tables;
  calls: Calls;
  now: () => number;
  handlers: EffectHandlers;
  deliver: (messages: Message[]) => void;
  /** Adds the job of this effect. */
  enqueue: (effectId: string, inMs: number) => void;
}

/** Runs one effect in one process by the rules of `src/actors/effectRunner.ts`, with tables in memory. */
export async function runEffect(effectId: string, worker: Worker, deps: EffectRunDeps): Promise<void> {
  const { tables, calls, now, handlers, deliver, enqueue } = deps;
  const effect = await calls.write(worker, () => {
    const row = tables.effects.get(effectId);
    if (row?.status !== 'pending' && row?.status !== 'running') return null;
    row.status = 'running';
    row.attempts += 1;
    return { ...row, ageMs: now() - row.createdAt };
  });
  const handler = effect && handlers[effect.src];
  if (!effect || !handler) return;
  const { signal } = worker.ending;
  const run = { effectId, actorId: effect.actorId, attempt: effect.attempts, ageMs: effect.ageMs, signal };
  let output: unknown;
  try {
    output = await handler.run(effect.input as never, run);
  } catch (error) {
    const inMs = signal.aborted ? 0 : handler.patience(error, run, effect.input as never);
    return inMs === null ? finish('error', (error as Error).message) : retry(inMs);
  }
  return output instanceof Again ? retry(output.inMs) : finish('done', output ?? null);

  function retry(inMs: number): Promise<void> {
    return calls.write(worker, () => {
      const row = tables.effects.get(effectId);
      if (row?.status !== 'running') return;
      row.status = 'pending';
      enqueue(effectId, inMs);
    });
  }

  function finish(how: 'done' | 'error', outcome: unknown): Promise<void> {
    return calls.write(worker, () => deliver([resultOf(effect as NonNullable<typeof effect>, how, outcome)]));
  }
}

/** The event that carries the result of an effect to its actor. */
export function resultOf(
  { id, actorId, childId }: Pick<EffectRow, 'id' | 'actorId' | 'childId'>,
  how: 'done' | 'error',
  outcome: unknown,
): Message {
  return {
    to: actorId,
    event: {
      type: `xstate.${how}.actor.${childId}`,
      ...(how === 'done' ? { output: outcome } : { error: { message: outcome } }),
      actorId: childId,
    },
    eventId: `effect:${id}`,
    effect: { id, status: how === 'done' ? 'done' : 'dead' },
  };
}
