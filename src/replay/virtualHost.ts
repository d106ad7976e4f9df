import type { AnyMachineSnapshot, EventObject } from 'xstate';
import type { ActorMessage, FilingIntent } from '../../machines/shared/protocol.ts';
import type { Delivered, Message } from '../actors/messages.ts';
import { createNoopCache } from '../actors/noopCache.ts';
import type { Registry } from '../actors/registry.ts';
import { type Router, routed } from '../actors/route.ts';
import { initial, type Step, step } from '../actors/step.ts';
import type { VirtualClock } from './clock.ts';

/** The rules of the actor host without a database: the same machines and steps, on virtual time. */
export interface VirtualHost {
  deliver(messages: readonly Message[]): Promise<Delivered[]>;
  /** The state of an actor; undefined if it never received anything. */
  snapshot(actorId: string): AnyMachineSnapshot | undefined;
}

export interface VirtualHostDeps {
  registry: Registry;
  clock: VirtualClock;
  router: () => Router;
  /** The result of an effect. */
  run: (src: string, input: never) => Promise<unknown>;
  onIntent: (intent: FilingIntent) => void;
}

interface Row {
  rev: number;
  snapshot: AnyMachineSnapshot;
}

/** No actor is deleted within a replay. */
const ONLY_LIFE = 'only';

export function createVirtualHost({ registry, clock, router, run, onIntent }: VirtualHostDeps): VirtualHost {
  const rows = new Map<string, Row>();
  /** What is under way: effects by their actor and child, and timers by their actor and id, each with its start. */
  const underway = new Map<string, number>();
  const noops = createNoopCache();
  let started = 0;

  async function deliver(messages: readonly Message[]): Promise<Delivered[]> {
    const route = router();
    const delivered: Delivered[] = [];
    for (let wave = messages; wave.length > 0; ) {
      const taken = wave.map((message) => take(message, route));
      delivered.push(...taken);
      wave = routed(taken, route);
    }
    return delivered;
  }

  function take(message: Message, route: Router): Delivered {
    const row = rows.get(message.to) ?? { rev: 0, snapshot: initial(registry.of(message.to), message.to) };
    const { snapshot: before } = row;
    const recalled = row.rev > 0 ? noops.recall(message, { rev: row.rev, life: ONLY_LIFE }) : undefined;
    if (recalled) {
      return { message, applied: 'unchanged', snapshot: before, rev: row.rev, actions: recalled.actions, before };
    }
    const event = { ...message.event, at: new Date(clock.now()).toISOString() } as EventObject;
    const result = step(registry.of(message.to), before, event);
    const { actions } = result;
    const asksNothing = [result.effects, result.armed, result.stopped, result.cancelled].every(
      (list) => list.length === 0,
    );
    if (!result.moved && asksNothing && actions.every((action) => route(action, message.to) !== null)) {
      if (row.rev > 0) noops.remember(message, { rev: row.rev, life: ONLY_LIFE }, actions, before);
      return { message, applied: 'unchanged', snapshot: before, rev: row.rev, actions, before };
    }
    rows.set(message.to, { rev: row.rev + 1, snapshot: result.snapshot });
    carryOut(message.to, result);
    return { message, applied: 'changed', snapshot: result.snapshot, rev: row.rev + 1, actions, before };
  }

  function carryOut(actorId: string, { actions, effects, stopped, armed, cancelled }: Step): void {
    for (const childId of stopped) underway.delete(`${actorId} effect ${childId}`);
    for (const timerId of cancelled) underway.delete(`${actorId} timer ${timerId}`);
    for (const { name, params } of actions) {
      if (name === 'intend') for (const intent of params as FilingIntent[]) onIntent(intent);
      if (name !== 'tell') continue;
      const messages = params as ActorMessage[];
      if (messages.length > 0) clock.after(0, async () => void (await deliver(messages)));
    }
    for (const { childId, src, input } of effects) {
      begin(`${actorId} effect ${childId}`, 0, async () => {
        const output = (await run(src, input as never)) ?? null;
        return { type: `xstate.done.actor.${childId}`, output, actorId: childId };
      });
    }
    for (const { timerId, delayMs, event } of armed) {
      begin(`${actorId} timer ${timerId}`, delayMs, async () => event as Message['event']);
    }
  }

  /** What is stopped, or begun again, meanwhile is not delivered. */
  function begin(id: string, ms: number, eventOf: () => Promise<Message['event']>): void {
    started += 1;
    const mine = started;
    underway.set(id, mine);
    clock.after(ms, async () => {
      if (underway.get(id) !== mine) return;
      const event = await eventOf();
      if (underway.get(id) !== mine) return;
      underway.delete(id);
      await deliver([{ to: id.slice(0, id.indexOf(' ')), event }]);
    });
  }

  return { deliver, snapshot: (actorId) => rows.get(actorId)?.snapshot };
}
