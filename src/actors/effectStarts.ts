import { setTimeout as sleep } from 'node:timers/promises';
import { storableJson } from '../db/storable.ts';
import type { Log } from '../log/log.ts';
import type { EffectRunner } from './effectRunner.ts';
import { effectJobKey } from './enqueue.ts';
import type { ClaimedEffect, JobClaims } from './jobClaims.ts';
import type { Begun, NewEffect } from './newEffects.ts';

/**
 * Runs effects in the process that commits them, right after the commit, without the way through the queue. Their jobs
 * are added as claimed in the same transaction. If this process has no place for them, workers of the queue take the jobs;
 * if it dies, other processes take over its claims.
 */
export interface EffectStarts {
  /** Called before a transaction writes these effects. */
  begin(added: readonly AddedEffect[]): Begun;
  /** Begins no more, and resolves when those that run have ended. */
  stop(): Promise<void>;
}

export interface AddedEffect {
  effect: NewEffect;
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
    begin(added) {
      const startable = added.filter(({ mayBegin }) => mayBegin);
      const fits = (lane: Lane, effects: readonly AddedEffect[]) =>
        !stopped && effects.filter((effect) => laneOf(effect) === lane).length <= free[lane];
      const begins = { urgent: fits('urgent', startable), other: fits('other', startable) };
      const chosen = startable.filter((effect) => begins[laneOf(effect)]);
      const areMany = !fits('other', added);
      const give = (effects: readonly AddedEffect[], places: 1 | -1) => {
        for (const effect of effects) free[laneOf(effect)] += places;
      };
      const start = (each: AddedEffect, row: ClaimedEffect, ready?: Promise<unknown>): Promise<void> => {
        const ended: Promise<void> = (ready ? ready.then(() => run(row)) : run(row)).finally(() => {
          running.delete(ended);
          give([each], 1);
        });
        running.add(ended);
        return ended;
      };

      let jobs = new Map<string, number>();
      const claimedBy = ({ effect }: AddedEffect) => claimed(effect, jobs.get(effectJobKey(effect.id)) ?? null);
      give(chosen, -1);
      return {
        ids: new Set(chosen.map(({ effect }) => effect.id)),
        async addJobs(client, specs) {
          jobs = await claims.addClaimed(client, specs);
        },
        committed() {
          if (areMany) onMany();
          const first = chosen.filter(({ leads }) => leads).map((each) => start(each, claimedBy(each)));
          const ready = first.length > 0 ? Promise.race([Promise.all(first), sleep(HEAD_START_MS)]) : undefined;
          for (const each of chosen) if (!each.leads) void start(each, claimedBy(each), ready);
        },
        failed() {
          give(chosen, 1);
          if (jobs.size > 0) void claims.release(chosen.map(claimedBy));
        },
      };
    },
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}

/** As its row is stored at its beginning. */
const claimed = (effect: NewEffect, jobId: number | null): ClaimedEffect => ({
  ...effect,
  input: JSON.parse(storableJson(effect.input ?? null)) as never,
  attempts: 1,
  age_ms: 0,
  replayed: false,
  job_id: jobId,
});
