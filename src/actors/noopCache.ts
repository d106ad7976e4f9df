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
  /** False if `recall` finds nothing at any revision. */
  mayRecall(message: Message): boolean;
  /** Actions that the same event caused at this revision; undefined if the event has to be applied. */
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

interface Known extends Revision {
  snapshot: AnyMachineSnapshot;
  actions: Map<string, MachineAction[]>;
  /** How often it may be considered for removal before it is removed. */
  chances: number;
}

/** Of a new one, and after a recall. Enough for five times as many actors as fit. */
const CHANCES = 4;

/**
 * Of more actors than fit, those stay that are of use: each actor without a place costs the oldest one a chance, and takes
 * its place if it has none left; a recall gives all chances back. Were the oldest always removed, a few actors too many,
 * whose events come round and round, would leave nothing to recall of any of them.
 */
export function createNoopCache(maxActors = MAX_ACTORS): NoopCache {
  const byActor = new Map<string, Known>();
  const mayRecall = ({ to, eventId, effect, timer }: Message): boolean =>
    eventId === undefined && !effect && !timer && byActor.has(to);

  /** Whether there is room for one more actor. */
  function makeRoom(): boolean {
    if (byActor.size < maxActors) return true;
    const [oldest] = byActor;
    if (!oldest) return false;
    const [id, known] = oldest;
    byActor.delete(id);
    if (known.chances === 0) return true;
    known.chances -= 1;
    byActor.set(id, known);
    return false;
  }

  return {
    mayRecall,
    recall(message, revision) {
      if (!mayRecall(message)) return undefined;
      const known = byActor.get(message.to);
      if (!known || !isSame(known, revision)) return undefined;
      const actions = known.actions.get(digest(message));
      if (!actions) return undefined;
      known.chances = CHANCES;
      return { actions, snapshot: known.snapshot };
    },
    remember(message, revision, actions, snapshot) {
      if (message.eventId !== undefined) return;
      let known = byActor.get(message.to);
      if (!known || !isSame(known, revision)) {
        byActor.delete(message.to);
        if (!makeRoom()) return;
        known = { ...revision, snapshot, actions: new Map(), chances: CHANCES };
        byActor.set(message.to, known);
      }
      if (known.actions.size >= MAX_EVENTS_PER_ACTOR) known.actions.clear();
      known.actions.set(digest(message), actions);
    },
  };
}

const isSame = (a: Revision, b: Revision): boolean => a.rev === b.rev && a.life === b.life;

/** A hash, since an event from outside may be long and many are remembered. */
const digest = ({ event }: Message): string => hash('sha256', JSON.stringify(event), 'base64');
