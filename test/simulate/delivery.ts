import type { EventObject } from 'xstate';
import { byWriter } from '../../src/actors/batch.ts';
import type { Delivered, Message } from '../../src/actors/messages.ts';
import { createNoopCache } from '../../src/actors/noopCache.ts';
import type { NamedAction } from '../../src/actors/pendingWrites.ts';
import type { Registry } from '../../src/actors/registry.ts';
import { type Router, routed } from '../../src/actors/route.ts';
import { hydrate, initial, type MachineAction, persist, step } from '../../src/actors/step.ts';
import { actionWriters } from '../../src/app/actionWriters.ts';
import type { ActorRow, EffectRow, Tables } from './tables.ts';

/** Writers of named actions, with the names of `src/app/actionWriters.ts`. */
export type Writers = Record<string, (actions: readonly NamedAction[]) => void>;

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

const isAudit = ([first]: readonly NamedAction[]): boolean => first?.name === 'audit';

/**
 * The rules of the actor host, with tables in memory: one delivery, one transaction. Repeated event ids, results of cancelled
 * effects and timers of an earlier revision are treated as in `src/actors/deliver.ts`.
 */
export function createDelivery(deps: DeliveryDeps) {
  const { tables, registry, writers, now } = deps;
  const noopCache = createNoopCache();
  let router: Router;
  /** The named actions of the transaction, in their order. */
  let asked: NamedAction[] = [];

  function rowOf(id: string): ActorRow {
    return tables.actors.get(id) ?? { id, rev: 0, snapshot: initial(registry.of(id), id), taken: new Set() };
  }

  function deliver(messages: readonly Message[]): Delivered[] {
    router = deps.router();
    asked = [];
    const delivered: Delivered[] = [];
    for (let wave = messages; wave.length > 0; ) {
      const taken = wave.map(take);
      delivered.push(...taken);
      wave = routed(taken, router);
    }
    writeAsked();
    return delivered;
  }

  /**
   * Each writer of the program is called once, with all its actions of the transaction, as in `src/actors/batch.ts`. Audit
   * rows come first, because the ledger counts those before an intent.
   */
  function writeAsked(): void {
    const groups = [...byWriter(actionWriters, asked).values()];
    for (const actions of groups.toSorted((a, b) => Number(isAudit(b)) - Number(isAudit(a)))) {
      const { name } = actions[0] as NamedAction;
      const write = writers[name];
      if (!write) throw new Error(`no writer for machine action "${name}"`);
      write(actions);
    }
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
    const at = new Date(now()).toISOString();
    result.actions.forEach(({ name, params }, n) => {
      const id = `${row.id}:${row.rev}:${n}`;
      asked.push({ name, actorId: row.id, id, params: JSON.parse(JSON.stringify(params)) as unknown, at });
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
