import { setMaxListeners } from 'node:events';
import type { AlertContext } from '../../machines/alert/types.ts';
import type { HelpdeskBreakerContext } from '../../machines/helpdeskBreaker.ts';
import type { SurfaceContext } from '../../machines/surface/types.ts';
import type { EffectHandlers } from '../../src/actors/effectRunner.ts';
import type { Delivered, Message } from '../../src/actors/messages.ts';
import { createRegistry } from '../../src/actors/registry.ts';
import type { EmissionPolicy } from '../../src/alerts/emission.ts';
import type { IdChurn } from '../../src/alerts/idChurn.ts';
import { silenceOf } from '../../src/alerts/silences/matching.ts';
import { createRouter } from '../../src/app/actionWriters.ts';
import { machines } from '../../src/app/machineRegistry.ts';
import { createBatches } from './batchRuns.ts';
import type { Breakage } from './breakage.ts';
import { createCalls } from './calls.ts';
import { createClock } from './clock.ts';
import { createDeadLetters } from './deadLetters.ts';
import { createDelivery } from './delivery.ts';
import { runEffect } from './effectRuns.ts';
import { createFlood, createProcessIdChurn } from './flood.ts';
import { createFreeScout } from './freescout.ts';
import { createHolds } from './holds.ts';
import { createJobs, type Worker } from './jobs.ts';
import { createLedger } from './ledger.ts';
import { createProcess } from './processes.ts';
import { startReconciler } from './reconciler.ts';
import { startReviews } from './reviews.ts';
import { createSlack } from './slack.ts';
import { type ActorRow, createTables } from './tables.ts';
import { isWanted } from './wanted.ts';
import { createWriters } from './writers.ts';

/** Few, so that alerts can flap. */
const FLAP = { flapMaxEpisodes: 3, flapWindowMs: 10 * 60_000 };
const MAX_RECENT = 20;
const ESCALATE_AFTER_MS = 15 * 60_000;

/** A message that lets a filing try for all others. */
const isTurn = ({ event }: Message): boolean => event.type === 'TRY' && (event as { probe?: boolean }).probe === true;

/** The whole program on virtual time: real machines and decisions, with tables, a FreeScout and a Slack in memory. */
export function createEnvironment(breakage: Breakage, processes: number) {
  const clock = createClock();
  const { now } = clock;
  const tables = createTables();
  const calls = createCalls(clock);
  const freescout = createFreeScout(clock);
  const slack = createSlack(clock);
  const ledger = createLedger(now());
  const workers: Worker[] = [];
  const handlers: EffectHandlers[] = [];
  const idChurns: IdChurn[] = [];
  const jobs = createJobs(clock, workers);
  const holds = createHolds(clock, tables);
  /** The latest messages between actors, for repeated delivery. */
  const recentMessages: Message[][] = [];
  const lateTimers: number[] = [];
  /** How soon an episode must begin to continue the ticket of the last one; 0: none does. */
  const reopen = { withinMs: 0 };
  /** Actors that have changed since the last check of the invariants. */
  const moved = new Set<string>();

  const policy = (): EmissionPolicy => ({
    autoTicket: tables.flag.at(-1)?.on === true,
    isSilenced: (subject) => silenceOf(holds.silences(), subject) !== null,
    suppressionOf: (_source, surfaceId) => holds.of(surfaceId),
    ...FLAP,
    reopenWithinMs: () => reopen.withinMs,
    escalateAfterMs: () => ESCALATE_AFTER_MS,
  });

  const writers = createWriters({
    tables,
    clock,
    workers,
    ledger,
    send,
    isLate: breakage.lateAudits === true,
    records: breakage.records !== false,
    filingWrites: breakage.filingWrites ?? ((writes) => writes),
  });

  function observeAlert({ id, snapshot }: ActorRow, { before }: Delivered): void {
    const context = snapshot.context as AlertContext;
    ledger.episodes.record(id, context, now(), reopen.withinMs);
    const isRejected = (value: unknown) => (value as { ticket?: unknown } | undefined)?.ticket === 'rejected';
    if (isRejected(snapshot.value) && !isRejected(before?.value)) ledger.replayed.delete(`${id} ${context.episode}`);
  }

  const registry = createRegistry(breakage.machines ?? machines);
  const delivery = createDelivery({
    tables,
    registry,
    router: () => createRouter(policy()),
    writers,
    now,
    onEffect: (effect) => batches.add(effect, registry.of(effect.actorId).ahead === true),
    onTimer(timer, delayMs) {
      if (breakage.timers === false) tables.timers.delete(`${timer.actorId} ${timer.timerId}`);
      else clock.in(delayMs, null, () => fire(timer));
    },
    onMoved(row, delivered) {
      moved.add(row.id);
      // Counted once the turn is taken: an actor that has left meanwhile ignores it, and the next one gets it.
      const given = isTurn(delivered.message) ? ledger.turns.get(row.id) : undefined;
      if (given !== undefined) ledger.probes.push({ at: given, to: row.id });
      if (row.id.startsWith('alert:')) observeAlert(row, delivered);
    },
  });

  function deliver(messages: Message[]): Delivered[] {
    const delivered = delivery.deliver(breakage.delivers ? messages.filter(breakage.delivers) : messages);
    // The actor has left, and the turn passes on. If a crash makes the job repeat this message, the actor may be back and
    // take it: one probe too many, which is no fault.
    for (const { message, applied } of delivered) {
      if (applied === 'unchanged' && isTurn(message)) ledger.turns.delete(message.to);
    }
    return delivered;
  }

  /** Messages for an actor with an inbox wait there in order; one job delivers all others together. */
  function send(messages: Message[]): void {
    recentMessages.unshift(messages);
    recentMessages.splice(MAX_RECENT);
    distribute(messages);
  }

  function distribute(messages: Message[]): void {
    const single = messages.filter(({ to }) => registry.of(to).ahead !== true);
    if (single.length > 0) jobs.add((worker) => calls.write(worker, () => void deliver(single)), 0);
    for (const message of messages) {
      if (single.includes(message)) continue;
      const inbox = tables.inboxes.get(message.to) ?? [];
      tables.inboxes.set(message.to, [...inbox, message]);
      jobs.add((worker) => calls.write(worker, () => empty(message.to)), 0);
    }
  }

  function empty(actorId: string): void {
    const messages = tables.inboxes.get(actorId) ?? [];
    tables.inboxes.delete(actorId);
    deliver(messages);
  }

  function enqueue(effectId: string, inMs: number): void {
    const work = (worker: Worker) =>
      runEffect(effectId, worker, {
        ...{ tables, calls, now, deliver, enqueue },
        handlers: handlers[worker.index] as EffectHandlers,
      });
    jobs.add(work, inMs);
  }

  const batches = createBatches({
    addJob: jobs.add,
    handlersOf: (worker) => handlers[worker.index] as EffectHandlers,
    runDeps: { tables, calls, now, deliver, enqueue },
    runAlone: (id) => enqueue(id, 0),
  });

  function fire(timer: { actorId: string; timerId: string; rev: number }): void {
    const late = lateTimers.shift();
    if (late !== undefined) {
      clock.in(late, null, () => fire(timer));
      return;
    }
    const { actorId, timerId, rev } = timer;
    const work = (worker: Worker) =>
      calls.write(worker, () => {
        const row = tables.timers.get(`${actorId} ${timerId}`);
        if (row?.rev !== rev) return;
        const eventId = `timer:${timerId}:${rev}`;
        deliver([{ to: actorId, event: row.event, eventId, timer: { id: timerId, rev } }]);
      });
    jobs.add(work, 0);
  }

  /** Starts a process in the place of one that ended. */
  function begin(index: number): void {
    const worker: Worker = { index, alive: true, asleepUntil: 0, ending: new AbortController() };
    setMaxListeners(0, worker.ending.signal);
    workers[index] = worker;
    idChurns[index] = createProcessIdChurn(worker, { tables, calls, clock, breakage });
    handlers[index] = createProcess(worker, {
      clock,
      tables,
      calls,
      freescout,
      slack,
      ledger,
      holds,
      breakage,
      isWanted: (row) => isWanted(row, now(), tables),
      isHelpdeskFailing,
      awaitsSuccess: () => (stateOf('helpdesk') ?? 'working') !== 'working',
      deliver: (messages) => void deliver(messages),
    });
  }

  const stateOf = (id: string): unknown => tables.actors.get(id)?.snapshot.value;
  const contextOf = <Context>(id: string) => tables.actors.get(id)?.snapshot.context as Context | undefined;
  const alert = (id: string) => contextOf<AlertContext>(id);
  const surface = (id: string) => contextOf<SurfaceContext>(id);

  function isHelpdeskFailing(): boolean {
    const state = stateOf('helpdesk');
    return typeof state === 'object' && state !== null && 'failing' in state;
  }

  for (let index = 0; index < processes; index++) begin(index);
  const flood = createFlood({
    ...{ clock, tables, calls, ledger, jobs, policy, deliver },
    idChurnOf: ({ index }) => idChurns[index] as IdChurn,
  });
  if (breakage.reconciles !== false) startReconciler({ clock, tables, calls, jobs, freescout, deliver });
  startReviews({ clock, tables, holds, calls, jobs, deliver, reviews: breakage.reviews !== false });

  return {
    ...{ clock, tables, calls, freescout, slack, ledger, jobs, holds, workers, lateTimers, moved, reopen, flood },
    ...{ policy, deliver, begin, isHelpdeskFailing, alert, surface, stateOf, rehydrate: delivery.rehydrate },
    deadLetters: createDeadLetters({ tables, ledger, deliver }),
    helpdeskBreaker: () => contextOf<HelpdeskBreakerContext>('helpdesk'),
    /** Delivers messages a second time, but not those of an inbox, which is emptied in the transaction that applies them. */
    redeliver(pick: number): void {
      const messages = recentMessages[pick % Math.max(1, recentMessages.length)] ?? [];
      distribute(messages.filter(({ to }) => registry.of(to).ahead !== true));
    },
  };
}

export type Environment = ReturnType<typeof createEnvironment>;
