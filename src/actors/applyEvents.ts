import { setImmediate as pause } from 'node:timers/promises';
import type { EventObject } from 'xstate';
import type { Log } from '../log/log.ts';
import type { Batch } from './batch.ts';
import { createDuplicates, type Duplicates } from './dedup.ts';
import type { LoadedActor } from './loadedActor.ts';
import type { Applied, Delivered, Message } from './messages.ts';
import type { NoopCache } from './noopCache.ts';
import { type Router, routed } from './route.ts';
import { type MachineAction, type Step, step } from './step.ts';

export interface ApplyDeps {
  router: Router;
  noops: NoopCache;
  log: Log;
}

/**
 * Other requests of this process get their turn after so many steps. An alert needs a dozen turns until it is stored, but
 * while they last a large delivery locks its actors, for which others wait 3 s at most: it gives way less often.
 */
const MIN_SLICE = 10;
const MAX_SLICE = 50;
const TURNS = 20;

/** A message leads to others at most this often. */
const MAX_ROUNDS = 3;

/** Applies events to their actors, then the events that their machines send to other actors, until there are none. */
export async function applyEvents(batch: Batch, messages: Message[], deps: ApplyDeps): Promise<Delivered[]> {
  const delivered: Delivered[] = [];
  for (let wave = messages, round = 0; wave.length > 0; round++) {
    if (round > MAX_ROUNDS) throw new Error(`Message cycle between machines (more than ${MAX_ROUNDS} rounds)`);
    const duplicates = createDuplicates(batch.client);
    const current = wave;
    const held = await batch.actors.load([...new Set(current.map(({ to }) => to))], () => duplicates.look(current));
    if (held.length > 0) await duplicates.look(held);
    const ordered = [...held, ...current];
    const slice = Math.min(MAX_SLICE, Math.max(MIN_SLICE, Math.ceil(ordered.length / TURNS)));
    const applied: Delivered[] = [];
    for (const [n, message] of ordered.entries()) {
      if (n % slice === slice - 1) await pause();
      const one = applyOne(batch, message, duplicates, deps);
      applied.push(n < held.length ? { ...one, late: true } : one);
    }
    delivered.push(...applied);
    wave = routed(applied, deps.router);
  }
  return delivered;
}

function applyOne(batch: Batch, message: Message, duplicates: Duplicates, deps: ApplyDeps): Delivered {
  const { actors, pending } = batch;
  const actor = actors.get(message.to);
  if (actor.newer !== null) {
    pending.handBack(message, actor.newer);
    return notApplied(actor, message, 'handed_back');
  }
  if (duplicates.isDuplicate(message)) return notApplied(actor, message, 'duplicate');
  if (duplicates.isStale(message) || pending.hasCancelled(message)) return notApplied(actor, message, 'stale');
  if (actor.parked !== null || !actor.snapshot) {
    pending.hold(message, actor.parked ?? 'parked');
    return notApplied(actor, message, 'held');
  }
  let result: Step;
  try {
    const event = { ...message.event, at: actors.now } as EventObject;
    result = step(batch.registry.of(message.to), actor.snapshot, event);
  } catch (error) {
    const reason = `event ${message.event.type} failed: ${(error as Error).message}`;
    deps.log.error({ err: error, actor_id: message.to, event: message.event.type }, 'actor parked');
    pending.park(actor, reason);
    pending.hold(message, reason);
    return notApplied(actor, message, 'held');
  }
  return acceptStep(batch, actor, message, result, deps);
}

const notApplied = (actor: LoadedActor, message: Message, applied: Applied): Delivered => ({
  message,
  applied,
  snapshot: actor.snapshot,
  rev: actor.rev,
  actions: [],
  before: actor.snapshot,
});

function acceptStep(
  { actors, pending }: Batch,
  actor: LoadedActor,
  message: Message,
  result: Step,
  { router, noops }: ApplyDeps,
): Delivered {
  const before = actor.snapshot;
  const written = result.actions.filter((action) => router(action, message.to) === null);
  const applied = message.effect || message.timer || hasConsequences(result, written) ? 'changed' : 'unchanged';
  if (applied === 'changed') {
    if (message.timer) pending.cancelTimer(message.to, message.timer.id);
    pending.addStep(actor, message, { ...result, actions: written }, actors.now);
    if (message.effect) pending.finishEffect(message.effect.id, message.effect.status, resultOf(message.event));
  } else if (before && !actor.isNew && !actor.dirty) {
    // Holds for this revision, which is stored whether or not this transaction commits.
    noops.remember(message, { rev: actor.rev, life: actor.life }, result.actions, before);
  }
  return { message, applied, snapshot: result.snapshot, rev: actor.rev, actions: result.actions, before };
}

const hasConsequences = (result: Step, written: MachineAction[]): boolean =>
  result.moved ||
  [written, result.effects, result.armed, result.stopped, result.cancelled].some((list) => list.length > 0);

const resultOf = (event: Message['event']): unknown => event.output ?? event.error ?? null;
