import type { LoadedActor } from './loadedActor.ts';
import type { Message } from './messages.ts';
import type { Step } from './step.ts';

/** An action that a machine asked for by name, for its writer. */
export interface NamedAction {
  name: string;
  actorId: string;
  /** Unique within this actor and step, and the same when the step is repeated. */
  id: string;
  params: unknown;
  at: string;
}

interface Effect {
  id: string;
  actor_id: string;
  child_id: string;
  src: string;
  input: unknown;
}

interface CancelledEffect {
  actor_id: string;
  child_id: string;
  /** The effect whose result led to the step. It has ended, and is not cancelled. */
  spare: string | null;
}

interface Timer {
  actor_id: string;
  timer_id: string;
  event: unknown;
  due_at: string;
  rev: number;
}

interface Arming {
  actorId: string;
  timerId: string;
  /** Of the actor when it is armed. */
  rev: number;
  event: unknown;
  delayMs: number;
}

/** Rows that one transaction will write, collected so that each table takes one statement. */
export class PendingWrites {
  readonly history: object[] = [];
  /** By actor and child, so that a child that stops takes its own with it. */
  readonly effects = new Map<string, Effect>();
  readonly finishedEffects: { id: string; status: string; result: unknown }[] = [];
  readonly timers = new Map<string, Timer>();
  readonly cancelledTimers = new Map<string, { actor_id: string; timer_id: string }>();
  readonly held: object[] = [];
  readonly parked: { id: string; reason: string }[] = [];
  readonly revived: string[] = [];
  /** Actors that a newer release wrote, with the version of their machine. */
  readonly handedBack = new Map<string, number>();
  /** In the order in which the machines asked for them. */
  readonly actions: NamedAction[] = [];
  /** By actor, because each result of a large delivery looks for those of its own. */
  readonly #cancelledEffects = new Map<string, CancelledEffect[]>();

  get cancelledEffects(): CancelledEffect[] {
    return [...this.#cancelledEffects.values()].flat();
  }

  /** Takes over one step of an actor: its new snapshot, and everything that its machine asked for. */
  addStep(actor: LoadedActor, message: Message, step: Step, at: string): void {
    const from = actor.isNew && actor.rev === 0 ? null : actor.snapshot?.value;
    actor.rev += 1;
    actor.dirty = true;
    actor.snapshot = step.snapshot;
    this.history.push({
      actor_id: actor.id,
      rev: actor.rev,
      event_id: message.eventId ?? null,
      event: message.event,
      from_state: from ?? null,
      to_state: step.snapshot.value,
      at,
    });
    this.#addEffects(actor, message, step);
    this.#addTimers(actor, step, at);
    this.#addActions(actor, step, at);
  }

  /** Whether an earlier step of this transaction cancelled the effect or the timer that this event comes from. */
  hasCancelled({ to, event, effect, timer }: Message): boolean {
    if (timer) {
      const key = `${to} ${timer.id}`;
      return this.cancelledTimers.has(key) || this.timers.has(key);
    }
    if (!effect) return false;
    const ofActor = this.#cancelledEffects.get(to) ?? [];
    return ofActor.some(({ child_id, spare }) => spare !== effect.id && event.actorId === child_id);
  }

  /** Ends the effect whose result was applied. */
  finishEffect(id: string, status: 'done' | 'failed' | 'dead', result: unknown): void {
    this.finishedEffects.push({ id, status, result });
  }

  cancelTimer(actorId: string, timerId: string): void {
    const key = `${actorId} ${timerId}`;
    this.timers.delete(key);
    this.cancelledTimers.set(key, { actor_id: actorId, timer_id: timerId });
  }

  armTimer({ actorId, timerId, rev, event, delayMs }: Arming, at: string): void {
    const key = `${actorId} ${timerId}`;
    this.cancelledTimers.delete(key);
    const due_at = new Date(Date.parse(at) + delayMs).toISOString();
    this.timers.set(key, { actor_id: actorId, timer_id: timerId, event, due_at, rev });
  }

  /**
   * A parked actor keeps the steps that succeeded, and takes no event until a release can restore it. A new one gets
   * its row too, so that the console shows it and it can be revived.
   */
  park(actor: LoadedActor, reason: string): void {
    actor.parked = reason;
    actor.dirty ||= actor.isNew;
    this.parked.push({ id: actor.id, reason });
  }

  /** Keeps an event for an actor that cannot take it now. */
  hold(message: Message, reason: string): void {
    this.held.push({ actor_id: message.to, event: message, event_id: message.eventId ?? null, reason });
  }

  /** Keeps an event for a process of a release that knows this version; only such a process takes the job. */
  handBack(message: Message, version: number): void {
    this.hold(message, 'moved by a newer release');
    this.handedBack.set(message.to, version);
  }

  #addEffects(actor: LoadedActor, message: Message, { stopped, effects }: Step): void {
    const cancelled = this.#cancelledEffects.get(actor.id) ?? [];
    if (stopped.length > 0) this.#cancelledEffects.set(actor.id, cancelled);
    for (const childId of stopped) {
      cancelled.push({ actor_id: actor.id, child_id: childId, spare: message.effect?.id ?? null });
      this.effects.delete(`${actor.id} ${childId}`);
    }
    for (const { childId, src, input } of effects) {
      const id = `${actor.id}:${actor.rev}:${childId}`;
      this.effects.set(`${actor.id} ${childId}`, { id, actor_id: actor.id, child_id: childId, src, input });
    }
  }

  #addTimers(actor: LoadedActor, { cancelled, armed }: Step, at: string): void {
    for (const timerId of cancelled) this.cancelTimer(actor.id, timerId);
    for (const timer of armed) this.armTimer({ ...timer, actorId: actor.id, rev: actor.rev }, at);
  }

  #addActions(actor: LoadedActor, { actions }: Step, at: string): void {
    actions.forEach(({ name, params }, n) => {
      this.actions.push({ name, actorId: actor.id, id: `${actor.id}:${actor.rev}:${n}`, params, at });
    });
  }
}
