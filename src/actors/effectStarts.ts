import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import type { Log } from '../log/log.ts';
import type { EffectRunner } from './effectRunner.ts';
import type { ClaimedEffect, JobClaims } from './jobClaims.ts';
import type { Begun } from './newEffects.ts';

/**
 * Runs effects in the process that commits them, right after the commit, without the way through the queue. Their jobs
 * are claimed in the same transaction. If this process has no place for them, workers of the queue take the jobs;
 * if it dies, other processes take over its claims.
 */
export interface EffectStarts {
  /** Called in the transaction that adds these effects, before its commit. */
  begin(client: ClientBase, added: readonly AddedEffect[]): Promise<Begun>;
  /** Begins no more, and resolves when those that run have ended. */
  stop(): Promise<void>;
}

export interface AddedEffect {
  id: string;
  isUrgent: boolean;
  /** If false, its job is left to a worker; a batch may still decide it. */
  mayBegin: boolean;
  /** The others of its commit give it a head start. */
  leads: boolean;
}

type Lane = 'urgent' | 'other';

const laneOf = ({ isUrgent }: AddedEffect): Lane => (isUrgent ? 'urgent' : 'other');

const RETRY_MS = 1_000;
/** About as long as an effect takes until its call has left. */
const HEAD_START_MS = 10;

export function createEffectStarts(deps: {
  claims: JobClaims;
  runner: Pick<EffectRunner, 'runBegun'>;
  /** How many effects may run at once that began here. */
  places: Record<Lane, number>;
  /** Called after a commit that added more effects than there is place for: most may need no run of their own. */
  onMany: () => void;
  log: Log;
}): EffectStarts {
  const { claims, runner, onMany, log } = deps;
  const free = { ...deps.places };
  const running = new Set<Promise<void>>();
  let stopped = false;

  async function run(effect: ClaimedEffect): Promise<void> {
    try {
      await runner.runBegun(effect);
      await claims.complete([effect]);
    } catch (error) {
      log.debug({ err: error, effect_id: effect.id }, 'effect failed; a worker runs it again');
      await claims.release([effect], RETRY_MS);
    }
  }

  return {
    async begin(client, added) {
      const lanes = new Map(added.map((effect) => [effect.id, laneOf(effect)]));
      const leaders = new Set(added.flatMap(({ id, leads }) => (leads ? [id] : [])));
      const startable = added.filter(({ mayBegin }) => mayBegin);
      const fits = (lane: Lane, effects: readonly AddedEffect[]) =>
        !stopped && effects.filter((effect) => laneOf(effect) === lane).length <= free[lane];
      const begins = { urgent: fits('urgent', startable), other: fits('other', startable) };
      const ids = startable.filter((effect) => begins[laneOf(effect)]).map(({ id }) => id);
      const areMany = !fits('other', added);
      const give = (effectIds: readonly string[], places: 1 | -1) => {
        for (const id of effectIds) free[lanes.get(id) as Lane] += places;
      };

      give(ids, -1);
      const begun = await claims.beginIn(client, ids).catch((error: unknown) => {
        give(ids, 1);
        throw error;
      });
      const rest = ids.filter((id) => !begun.some((effect) => effect.id === id));
      give(rest, 1);
      const start = (effect: ClaimedEffect, ready?: Promise<unknown>): Promise<void> => {
        const ended: Promise<void> = (ready ? ready.then(() => run(effect)) : run(effect)).finally(() => {
          running.delete(ended);
          give([effect.id], 1);
        });
        running.add(ended);
        return ended;
      };
      return {
        committed() {
          if (areMany) onMany();
          const leading = begun.filter(({ id }) => leaders.has(id)).map((effect) => start(effect));
          const ready = leading.length > 0 ? Promise.race([Promise.all(leading), sleep(HEAD_START_MS)]) : undefined;
          for (const effect of begun) if (!leaders.has(effect.id)) void start(effect, ready);
        },
        failed() {
          give(
            begun.map(({ id }) => id),
            1,
          );
          void claims.release(begun);
        },
      };
    },
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}
