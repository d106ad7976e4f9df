import type { Pool } from 'pg';
import { transaction } from '../db/pool.ts';
import type { Log } from '../log.ts';
import type { Deliver } from './deliver.ts';
import { addJobs, effectJob } from './enqueue.ts';
import type { Registry } from './registry.ts';
import { replayEffect } from './replay.ts';

/** What an effect may know of the run it is in. */
export interface EffectRun {
  effectId: string;
  actorId: string;
  /** 1 for the first run. More means that an earlier one ended without telling what it did. */
  attempt: number;
  /** How long ago the machine asked, in milliseconds, by the database's clock. */
  ageMs: number;
  /** Aborted when the process has to stop; the effect is then run again, here or elsewhere. */
  signal: AbortSignal;
}

/** "Not done yet": run me again after this long. */
export class Again {
  readonly inMs: number;
  constructor(inMs: number) {
    this.inMs = inMs;
  }
}

export interface EffectHandler {
  run(input: never, run: EffectRun): Promise<unknown>;
  /** After a throw: milliseconds until the next try, or null where trying again cannot help. */
  patience(error: unknown, run: EffectRun): number | null;
}

/** Implementations by the names that machines invoke. */
export type EffectHandlers = Record<string, EffectHandler>;

export interface EffectRunner {
  /** Runs one effect as far as it goes and delivers its result to its actor. Throws only where the database fails. */
  run(effectId: string): Promise<void>;
  /** Puts a dead effect back to work; its actor has moved on and hears nothing of it. False where there is none. */
  replay(effectId: string): Promise<boolean>;
}

interface Row {
  id: string;
  actor_id: string;
  child_id: string;
  src: string;
  input: never;
  attempts: number;
  age_ms: number;
  replayed: boolean;
}

export function createEffectRunner(deps: {
  pool: Pool;
  registry: Registry;
  handlers: EffectHandlers;
  deliver: Deliver;
  log: Log;
  signal: AbortSignal;
  onEnd?: (src: string, outcome: 'done' | 'again' | 'dead') => void;
}): EffectRunner {
  const { pool, registry, handlers, deliver, log, signal } = deps;

  return {
    async run(effectId) {
      const { rows } = await pool.query<Row>(BEGIN_RUN, [effectId]);
      const effect = rows[0];
      if (!effect) return;
      const handler = handlers[effect.src];
      // A release that does not know this effect leaves it to one that does.
      if (!handler) return again(effect, 1000);
      const run: EffectRun = {
        effectId,
        actorId: effect.actor_id,
        attempt: effect.attempts,
        ageMs: Number(effect.age_ms),
        signal,
      };
      let output: unknown;
      try {
        output = await handler.run(effect.input, run);
      } catch (error) {
        const inMs = signal.aborted ? 0 : handler.patience(error, run);
        if (inMs !== null) return again(effect, inMs);
        log.warn({ err: error, effect_id: effectId, src: effect.src }, 'effect given up and kept as a dead letter');
        deps.onEnd?.(effect.src, 'dead');
        return tell(effect, 'error', described(error));
      }
      if (output instanceof Again) return again(effect, output.inMs);
      deps.onEnd?.(effect.src, 'done');
      return tell(effect, 'done', output ?? null);
    },

    replay: (effectId) => transaction(pool, (client) => replayEffect(client, registry, effectId)),
  };

  async function again(effect: Row, inMs: number): Promise<void> {
    deps.onEnd?.(effect.src, 'again');
    await transaction(pool, async (client) => {
      const { rows } = await client.query<{ at: Date }>(PUT_BACK, [effect.id, inMs]);
      const at = rows[0]?.at;
      if (at) await addJobs(client, [effectJob(effect.id, registry.of(effect.actor_id), at.toISOString())]);
    });
  }

  async function tell(effect: Row, how: 'done' | 'error', outcome: unknown): Promise<void> {
    const status = how === 'done' ? 'done' : 'dead';
    if (effect.replayed) {
      await pool.query(FINISH, [effect.id, status, JSON.stringify(outcome)]);
      return;
    }
    await deliver([
      {
        to: effect.actor_id,
        event: {
          type: `xstate.${how}.actor.${effect.child_id}`,
          [how === 'done' ? 'output' : 'error']: outcome,
          actorId: effect.child_id,
        },
        eventId: `effect:${effect.id}`,
        effect: { id: effect.id, status },
      },
    ]);
  }
}

/** What is kept of an error: never headers, never bodies. */
const described = (error: unknown): { message: string; problem?: string } => ({
  message: error instanceof Error ? error.message : String(error),
  ...(error instanceof Error && 'problem' in error ? { problem: String(error.problem) } : {}),
});

/** The attempt is counted and committed before anything leaves the house. */
const BEGIN_RUN = `
  update effects set status = 'running', attempts = attempts + 1, started_at = now(), next_at = null
  where id = $1 and status in ('pending', 'running')
  returning id, actor_id, child_id, src, input, attempts, replayed,
    extract(epoch from clock_timestamp() - created_at) * 1000 as age_ms`;
const PUT_BACK = `
  update effects set status = 'pending', next_at = clock_timestamp() + $2 * interval '1 millisecond'
  where id = $1 and status = 'running' returning next_at as at`;
const FINISH = `
  update effects set status = $2, finished_at = now(),
    result = case when $2 = 'done' then $3::jsonb end, error = case when $2 <> 'done' then $3::jsonb end
  where id = $1`;
