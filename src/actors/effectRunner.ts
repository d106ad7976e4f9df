import type { ClientBase, Pool } from 'pg';
import { ageSeconds } from '../db/age.ts';
import { transaction } from '../db/pool.ts';
import { prepared, queryPrepared } from '../db/prepared.ts';
import { gather } from '../lib/gather.ts';
import type { Log } from '../log/log.ts';
import type { Deliver } from './deliver.ts';
import { described, type EffectRow, resultMessage } from './effectResult.ts';
import { addJobs, effectJob, isUrgent } from './enqueue.ts';
import type { Message } from './messages.ts';
import type { Registry } from './registry.ts';
import { withTry } from './statements.ts';

/** The run of an effect, as its handler sees it. */
export interface EffectRun {
  effectId: string;
  actorId: string;
  /** 1 for the first run. More means that an earlier run failed, or ended without reporting its result. */
  attempt: number;
  /** Time since the machine asked for the effect, in milliseconds, by the database's clock. */
  ageMs: number;
  /** Aborted when the process has to stop; the effect then runs again, in this or another process. */
  signal: AbortSignal;
}

/** Result of an effect that is not done yet and has to run again after this time. */
export class Again {
  readonly inMs: number;
  constructor(inMs: number) {
    this.inMs = inMs;
  }
}

export interface EffectHandler {
  run(input: never, run: EffectRun): Promise<unknown>;
  /** After a throw: milliseconds until the next attempt, or null if another attempt cannot help. */
  patience(error: unknown, run: EffectRun, input: never): number | null;
  /**
   * The results of those of many new effects that need no call to another system, by effect, from a few statements. The
   * others run one by one. What it writes must be safe to repeat, and to leave unfinished.
   */
  decide?(effects: readonly { id: string; input: never }[]): Promise<ReadonlyMap<string, unknown>>;
}

/** Implementations by the names that machines invoke. */
export type EffectHandlers = Record<string, EffectHandler>;

export interface EffectRunner {
  /** Runs one effect and delivers its result to its actor. Throws only if the database fails. */
  run(effectId: string): Promise<void>;
  /** The same for an effect whose run was begun with the claim on its job. */
  runBegun(effect: EffectRow): Promise<void>;
}

/** The end of an effect that a person had replayed. */
export interface Replayed {
  id: string;
  src: string;
  status: 'done' | 'dead';
  outcome: unknown;
}

/** An effect that only another release knows is due again after this time. */
const UNKNOWN_AGAIN_SECONDS = 1;

/** Several at once, so that a delivery that waits for a locked actor does not hold up the results of other effects. */
const RESULTS_TOGETHER = { flights: 4, most: 200 };

export function createEffectRunner(deps: {
  pool: Pool;
  registry: Registry;
  handlers: EffectHandlers;
  deliver: Deliver;
  log: Log;
  signal: AbortSignal;
  onEnd?: (src: string, outcome: 'done' | 'again' | 'dead') => void;
  /** Records the end of an effect that a person had replayed, in the transaction that ends it. */
  onReplayed?: (client: ClientBase, replayed: Replayed) => Promise<void>;
}): EffectRunner {
  const { pool, registry, handlers, log, signal } = deps;
  const deliverResult = gather(RESULTS_TOGETHER, (messages: readonly Message[]) => deps.deliver(messages));

  return {
    async run(effectId) {
      // A worker may still take a job while its process stops.
      if (signal.aborted) return leave(effectId, [], 0);
      const { rows } = await queryPrepared<EffectRow>(pool, BEGIN_RUN, [effectId, Object.keys(handlers)]);
      const effect = rows[0];
      return effect ? runBegun(effect) : leave(effectId, Object.keys(handlers), UNKNOWN_AGAIN_SECONDS);
    },
    runBegun,
  };

  async function runBegun(effect: EffectRow): Promise<void> {
    // A handler may wait for the abort, which has come already.
    if (signal.aborted) return again(effect, 0);
    const { id: effectId, actor_id: actorId, src, input, attempts: attempt } = effect;
    const handler = handlers[src] as EffectHandler;
    const run: EffectRun = { effectId, actorId, attempt, ageMs: Number(effect.age_ms), signal };
    let output: unknown;
    try {
      output = await handler.run(input, run);
    } catch (error) {
      const inMs = signal.aborted ? 0 : handler.patience(error, run, input);
      if (inMs !== null) return again(effect, inMs, signal.aborted ? undefined : error);
      log.warn({ err: error, effect_id: effectId, src }, 'effect given up and kept as a dead letter');
      deps.onEnd?.(src, 'dead');
      return finish(effect, 'error', described(error));
    }
    if (output instanceof Again) return again(effect, output.inMs);
    deps.onEnd?.(src, 'done');
    return finish(effect, 'done', output ?? null);
  }

  /** Leaves an effect to other processes, unless its name is among `known`. Does nothing if the effect has ended. */
  async function leave(effectId: string, known: readonly string[], seconds: number): Promise<void> {
    await transaction(pool, async (client) => {
      const { rows } = await client.query<Omit<EffectRow, 'input'> & { at: Date }>(LEAVE, [effectId, known, seconds]);
      for (const { actor_id, src, version, age_ms, at } of rows) {
        const terms = { src, ageMs: Number(age_ms), runAt: at.toISOString() };
        await addJobs(client, [effectJob(effectId, registry.of(actor_id), version, terms)]);
      }
    });
  }

  async function again(effect: EffectRow, inMs: number, error?: unknown): Promise<void> {
    deps.onEnd?.(effect.src, 'again');
    await transaction(pool, async (client) => {
      const failure = error === undefined ? null : JSON.stringify(described(error));
      const { rows } = await client.query<{ at: Date }>(PUT_BACK, [effect.id, inMs, failure]);
      const at = rows[0]?.at;
      if (!at) return;
      const { src, version, age_ms } = effect;
      const terms = { src, ageMs: Number(age_ms) + inMs, runAt: at.toISOString() };
      await addJobs(client, [effectJob(effect.id, registry.of(effect.actor_id), version, terms)]);
    });
  }

  async function finish(effect: EffectRow, how: 'done' | 'error', outcome: unknown): Promise<void> {
    const status = how === 'done' ? 'done' : 'dead';
    if (effect.replayed) {
      await transaction(pool, async (client) => {
        const { rowCount } = await client.query(FINISH, [effect.id, status, JSON.stringify(outcome)]);
        if (rowCount === 0) return;
        await deps.onReplayed?.(client, { id: effect.id, src: effect.src, status, outcome });
      });
      return;
    }
    const message = resultMessage(effect, how, outcome);
    // A person may be waiting: not behind deliveries that wait for locked actors.
    if (isUrgent(registry.of(effect.actor_id).urgent, effect.src)) await deps.deliver([message]);
    else await deliverResult(message);
  }
}

/** The attempt is counted and committed before anything is sent. */
const BEGIN_RUN = prepared(`
  update effects set status = 'running', attempts = attempts + 1, started_at = now(), next_at = null, undecided = false
  where id = $1 and status in ('pending', 'running') and src = any($2)
  returning id, actor_id, child_id, src, coalesce(edited, input) as input, attempts, version, replayed,
    ${ageSeconds('created_at')} * 1000 as age_ms`);
const LEAVE = `
  select actor_id, src, version, ${ageSeconds('created_at')} * 1000 as age_ms,
    clock_timestamp() + $3 * interval '1 second' as at
  from effects where id = $1 and status in ('pending', 'running') and src <> all($2)`;
const PUT_BACK = `
  update effects e set status = 'pending', next_at = clock_timestamp() + $2 * interval '1 millisecond',
    history = case when $3::jsonb is null then e.history else ${withTry('$3::jsonb')} end
  where id = $1 and status = 'running' returning next_at as at`;
const FINISH = `
  update effects e set status = $2, finished_at = now(),
    result = case when $2 = 'done' then $3::jsonb end, error = case when $2 <> 'done' then $3::jsonb end,
    history = case when $2 = 'done' then e.history else ${withTry('$3::jsonb')} end
  where id = $1 and status = 'running'`;
