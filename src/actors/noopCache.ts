import { hash } from 'node:crypto';
import type { AnyMachineSnapshot } from 'xstate';
import type { Message } from './messages.ts';
import type { MachineAction } from './step.ts';

/**
 * Transitions are pure, so an event equal to one that changed nothing at this revision changes nothing again.
 * Remembering such events makes the repeats of an active alert or a healthy surface nearly free. This requires that
 * no guard of a transition without effect reads the clock.
 */
export interface NoopCache {
  /** False where `recall` finds nothing at any revision. */
  mayRecall(message: Message): boolean;
  /** Actions that the same event caused at this revision; undefined where the event has to be applied. */
  recall(message: Message, revision: Revision): { actions: MachineAction[]; snapshot: AnyMachineSnapshot } | undefined;
  remember(message: Message, revision: Revision, actions: MachineAction[], snapshot: AnyMachineSnapshot): void;
}

export interface Revision {
  rev: number;
  /** When its row was created: an alert that was deleted and fires again counts its revisions anew. */
  life: string;
}

const MAX_ACTORS = 20_000;
const MAX_EVENTS_PER_ACTOR = 8;

export function createNoopCache(): NoopCache {
  const byActor = new Map<string, Revision & { snapshot: AnyMachineSnapshot; actions: Map<string, MachineAction[]> }>();
  const mayRecall = ({ to, eventId, effect, timer }: Message): boolean =>
    eventId === undefined && !effect && !timer && byActor.has(to);
  return {
    mayRecall,
    recall(message, revision) {
      if (!mayRecall(message)) return undefined;
      const known = byActor.get(message.to);
      if (!known || !isSame(known, revision)) return undefined;
      const actions = known.actions.get(digest(message));
      return actions && { actions, snapshot: known.snapshot };
    },
    remember(message, revision, actions, snapshot) {
      if (message.eventId !== undefined) return;
      let known = byActor.get(message.to);
      if (!known || !isSame(known, revision)) {
        known = { ...revision, snapshot, actions: new Map() };
        byActor.delete(message.to);
        byActor.set(message.to, known);
        const oldest = byActor.size > MAX_ACTORS ? byActor.keys().next().value : undefined;
        if (oldest !== undefined) byActor.delete(oldest);
      }
      if (known.actions.size >= MAX_EVENTS_PER_ACTOR) known.actions.clear();
      known.actions.set(digest(message), actions);
    },
  };
}

const isSame = (a: Revision, b: Revision): boolean => a.rev === b.rev && a.life === b.life;

/** A hash, since an event from outside may be long and many are remembered. */
const digest = ({ event }: Message): string => hash('sha256', JSON.stringify(event), 'base64');
