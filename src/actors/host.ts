import { setMaxListeners } from 'node:events';
import type { ClientBase, Pool } from 'pg';
import type { EventObject } from 'xstate';
import type { ClockReadings } from '../db/databaseClock.ts';
import type { Log } from '../log/log.ts';
import { createDelivery, type Deliver, type DeliverDeps } from './deliver.ts';
import { createEffectRunner, type EffectHandlers, type EffectRunner, type Replayed } from './effectRunner.ts';
import { EFFECT, INBOX, namesUpTo, URGENT_EFFECT } from './enqueue.ts';
import { startWorkers, type Tasks, type Workers } from './jobs.ts';
import { type LocalEffects, startLocalEffects } from './localEffects.ts';
import type { Message } from './messages.ts';
import { reviveParked } from './reviveParked.ts';

/** The actor host: delivers events, runs effects and timers. It knows nothing about the subjects of its machines. */
export interface Host {
  deliver: Deliver;
  effects: EffectRunner;
  /**
   * Runs jobs: with `all` every job, with `urgent` only effects that people wait for. In both cases a few effects of its
   * own deliveries begin right after their commit.
   */
  start(share: 'urgent' | 'all'): void;
  /** Lets running jobs end; after `graceMs` they are aborted and return to the queue. */
  stop(graceMs: number): Promise<void>;
  /** Restores the parked actors that this release can restore; see {@link reviveParked}. Returns how many. */
  revive(): Promise<number>;
}

export interface HostDeps extends Omit<DeliverDeps, 'pool'> {
  pool: Pool;
  /** Of direct connections, for the job workers; `pool` where left out. */
  jobPool?: Pool;
  /** Of the server itself, without a pooler. */
  databaseUrl: string;
  /** By which the job workers notice that the database's clock was set back. */
  clock: ClockReadings;
  log: Log;
  handlers: EffectHandlers;
  concurrency: { urgent: number; other: number };
  /** Effects that nobody waits for begin in the process that commits them only where it can run them; default: all. */
  canRun?: (src: string) => boolean;
  /** Whether the event loop of this process is busy; measured where left out. */
  isBusy?: () => boolean;
  onEffectEnd?: (src: string, outcome: 'done' | 'again' | 'dead') => void;
  onReplayed?: (client: ClientBase, replayed: Replayed) => Promise<void>;
}

export function createHost(deps: HostDeps): Host {
  const { pool, registry, log, databaseUrl, clock } = deps;
  const ending = new AbortController();
  // Each running effect adds a listener, and any number may run.
  setMaxListeners(0, ending.signal);
  /** Set while this process runs jobs. */
  let local: LocalEffects | undefined;
  const { deliver, empty, revive } = createDelivery({
    ...deps,
    beginEffects: (added) => local?.begin(added),
  });
  const effects = createEffectRunner({
    pool,
    registry,
    handlers: deps.handlers,
    deliver,
    log,
    signal: ending.signal,
    ...(deps.onEffectEnd ? { onEnd: deps.onEffectEnd } : {}),
    ...(deps.onReplayed ? { onReplayed: deps.onReplayed } : {}),
  });
  const workers: Workers[] = [];

  const known = (job: string, task: Tasks[string]): Tasks =>
    Object.fromEntries(namesUpTo(job, registry.all).map((name) => [name, task]));
  let working = 0;

  /** While most workers are at work, more effects are probably due: then they are decided together first. */
  async function runOrDecide({ id }: { id: string }): Promise<void> {
    working += 1;
    try {
      if (working > deps.concurrency.other / 2 && (await local?.offer(id))) return;
      await effects.run(id);
    } finally {
      working -= 1;
    }
  }

  const urgent: Tasks = known(URGENT_EFFECT, ({ id }: { id: string }) => effects.run(id));
  const other: Tasks = {
    ...known(EFFECT, runOrDecide),
    ...known(INBOX, ({ actorId }: { actorId: string }) => empty(actorId)),
    timer: fireTimer,
    deliver: async ({ messages }: { messages: Message[] }) => void (await deliver(messages)),
  };

  async function fireTimer({
    actorId,
    timerId,
    rev,
  }: {
    actorId: string;
    timerId: string;
    rev: number;
  }): Promise<void> {
    const { rows } = await pool.query<{ event: EventObject }>(
      'select event from timers where actor_id = $1 and timer_id = $2 and rev = $3',
      [actorId, timerId, rev],
    );
    const event = rows[0]?.event;
    if (!event) return;
    await deliver([{ to: actorId, event, eventId: `timer:${timerId}:${rev}`, timer: { id: timerId, rev } }]);
  }

  return {
    deliver,
    effects,
    start(share) {
      const common = { pool: deps.jobPool ?? pool, databaseUrl, clock, log };
      local = startLocalEffects({
        ...{ pool, databaseUrl, registry, handlers: deps.handlers, runner: effects, deliver, share, log },
        concurrency: deps.concurrency,
        signal: ending.signal,
        ...(deps.canRun ? { canRun: deps.canRun } : {}),
        ...(deps.isBusy ? { isBusy: deps.isBusy } : {}),
        ...(deps.onEffectEnd ? { onEnd: deps.onEffectEnd } : {}),
      });
      workers.push(startWorkers({ ...common, tasks: urgent, concurrency: deps.concurrency.urgent }));
      if (share === 'all')
        workers.push(startWorkers({ ...common, tasks: other, concurrency: deps.concurrency.other, isWorker: true }));
    },
    async stop(graceMs) {
      const timer = setTimeout(() => ending.abort(new Error('the process is stopping')), graceMs);
      await Promise.all([local?.stop(), ...workers.map((each) => each.stop())]);
      clearTimeout(timer);
      // Ends what still retries while the database is away.
      ending.abort(new Error('the process has stopped'));
    },
    revive: () => reviveParked({ pool, registry, revive, log }),
  };
}
