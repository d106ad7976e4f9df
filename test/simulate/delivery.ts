import type { EventObject } from 'xstate';
import type {
  ActorMessage,
  Adoption,
  AuditEntry,
  ClickAnswer,
  FilingIntent,
  Suppression,
} from '../../machines/shared/protocol.ts';
import type { Delivered, Message } from '../../src/actors/messages.ts';
import { createNoopCache } from '../../src/actors/noopCache.ts';
import type { Registry } from '../../src/actors/registry.ts';
import { type Router, routed } from '../../src/actors/route.ts';
import { hydrate, initial, type MachineAction, persist, step } from '../../src/actors/step.ts';
import type { ActorRow, EffectRow, Tables } from './tables.ts';

/** The actions of machines that write to tables, in the transaction of the delivery. */
export interface Writers {
  audit(entries: AuditEntry[]): void;
  intend(filings: FilingIntent[], actorId: string): void;
  withdraw(filingIds: string[]): void;
  answer(answers: ClickAnswer[]): void;
  hold(suppressions: Suppression[]): void;
  adopt(adoptions: Adoption[]): void;
  tell(messages: ActorMessage[], actorId: string, id: string): void;
}

export interface DeliveryDeps {
  tables: Tables;
  registry: Registry;
  router: () => Router;
  writers: Writers;
  now: () => number;
  /** Called for each new row. */
  onEffect: (effect: EffectRow) => void;
  onTimer: (timer: { actorId: string; timerId: string; rev: number }, delayMs: number) => void;
  onMoved: (actor: ActorRow, delivered: Delivered) => void;
}

/**
 * The rules of the actor host, with tables in memory: one event, one transaction. Repeated event ids, results of cancelled
 * effects and timers of an earlier revision are treated as in `src/actors/deliver.ts`.
 */
export function createDelivery(deps: DeliveryDeps) {
  const { tables, registry, writers, now } = deps;
  const noopCache = createNoopCache();
  let router: Router;

  function rowOf(id: string): ActorRow {
    return tables.actors.get(id) ?? { id, rev: 0, snapshot: initial(registry.of(id), id), taken: new Set() };
  }

  function deliver(messages: readonly Message[]): Delivered[] {
    router = deps.router();
    const delivered: Delivered[] = [];
    for (let wave = messages; wave.length > 0; ) {
      const taken = wave.map(take);
      delivered.push(...taken);
      wave = routed(taken, router);
    }
    return delivered;
  }

  function take(message: Message): Delivered {
    const row = rowOf(message.to);
    const left = (applied: Delivered['applied'], actions: MachineAction[] = []): Delivered => ({
      message,
      applied,
      snapshot: row.snapshot,
      rev: row.rev,
      actions,
      before: row.snapshot,
    });
    const recalled = noopCache.recall(message, { rev: row.rev, life: '' });
    if (recalled && row.rev > 0) return left('unchanged', recalled.actions);
    if (message.eventId !== undefined && row.taken.has(message.eventId)) return left('duplicate');
    if (isStale(message)) return left('stale');
    return apply(row, message);
  }

  function isStale({ to, effect, timer }: Message): boolean {
    if (effect && !['pending', 'running'].includes(tables.effects.get(effect.id)?.status ?? '')) return true;
    return timer !== undefined && tables.timers.get(`${to} ${timer.id}`)?.rev !== timer.rev;
  }

  function apply(row: ActorRow, message: Message): Delivered {
    const entry = registry.of(row.id);
    const before = row.snapshot;
    const result = step(entry, before, { ...message.event, at: new Date(now()).toISOString() } as EventObject);
    const written = result.actions.filter((action) => router(action, row.id) === null);
    const commands = [written, result.effects, result.armed, result.stopped, result.cancelled];
    const { actions } = result;
    if (!message.effect && !message.timer && !result.moved && commands.every((list) => list.length === 0)) {
      if (row.rev > 0) noopCache.remember(message, { rev: row.rev, life: '' }, actions, before);
      return { message, applied: 'unchanged', snapshot: before, rev: row.rev, actions, before };
    }
    row.rev += 1;
    row.snapshot = result.snapshot;
    tables.actors.set(row.id, row);
    if (message.eventId !== undefined) row.taken.add(message.eventId);
    if (message.timer) {
      tables.timers.delete(`${row.id} ${message.timer.id}`);
      tables.spent.add(`${row.id} ${message.timer.id}`);
    }
    write(row, message, { ...result, actions: written });
    const delivered: Delivered = { message, applied: 'changed', snapshot: row.snapshot, rev: row.rev, actions, before };
    deps.onMoved(row, delivered);
    return delivered;
  }

  function write(row: ActorRow, message: Message, result: ReturnType<typeof step>): void {
    const finished = message.effect && tables.effects.get(message.effect.id);
    if (finished && message.effect) {
      finished.status = message.effect.status === 'done' ? 'done' : 'dead';
      finished.output = (message.event as { output?: unknown }).output;
    }
    for (const effect of tables.effects.values()) {
      const isStopped = effect.actorId === row.id && result.stopped.includes(effect.childId);
      if (isStopped && ['pending', 'running'].includes(effect.status)) effect.status = 'cancelled';
    }
    for (const timerId of result.cancelled) tables.timers.delete(`${row.id} ${timerId}`);
    result.actions.forEach(({ name, params }, n) => {
      say(row, name, params, n);
    });
    for (const { childId, src, input } of result.effects) {
      const id = `${row.id}:${row.rev}:${childId}`;
      const effect: EffectRow = {
        ...{ id, actorId: row.id, childId, src, input: JSON.parse(JSON.stringify(input)) as unknown },
        ...{ status: 'pending', attempts: 0, createdAt: now() },
      };
      tables.effects.set(id, effect);
      deps.onEffect(effect);
    }
    for (const { timerId, delayMs, event } of result.armed) {
      const timer = { actorId: row.id, timerId, event: event as Message['event'], rev: row.rev };
      tables.timers.set(`${row.id} ${timerId}`, timer);
      tables.spent.delete(`${row.id} ${timerId}`);
      deps.onTimer(timer, delayMs);
    }
  }

  function say(row: ActorRow, name: string, params: unknown, n: number): void {
    const lists = JSON.parse(JSON.stringify(params)) as never;
    if (name === 'tell') writers.tell(lists, row.id, `${row.id}:${row.rev}:${n}`);
    else if (name === 'audit') writers.audit(lists);
    else if (name === 'intend') writers.intend(lists, row.id);
    else if (name === 'withdraw') writers.withdraw(lists);
    else if (name === 'answer') writers.answer(lists);
    else if (name === 'hold') writers.hold(lists);
    else if (name === 'adopt') writers.adopt(lists);
    // Which alerts an umbrella ticket names is only counted for its last note.
    else if (name !== 'enlist') throw new Error(`no writer for machine action "${name}"`);
  }

  return {
    deliver,
    /** Restores every actor from its stored snapshot, as a new process does. */
    rehydrate(): void {
      for (const row of tables.actors.values()) {
        const entry = registry.of(row.id);
        row.snapshot = hydrate(entry, persist(entry, row.snapshot), entry.version);
      }
    },
  };
}
