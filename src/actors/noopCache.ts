import { hash } from 'node:crypto';
import type { AnyMachineSnapshot } from 'xstate';
import type { Message } from './messages.ts';
import type { Say } from './step.ts';

/**
 * Transitions are pure, so an event equal to one that changed nothing at this revision changes nothing
 * again. Remembering those makes the repeats of an active alert or a steady surface nearly free. It holds
 * because no guard that leaves everything as it is looks at the clock.
 */
export interface NoopCache {
  /** What the same event said before at this revision; undefined where it has to be tried. */
  recall(message: Message, rev: number): { says: Say[]; snapshot: AnyMachineSnapshot } | undefined;
  remember(message: Message, rev: number, says: Say[], snapshot: AnyMachineSnapshot): void;
}

const ACTORS_REMEMBERED = 20_000;
const EVENTS_PER_ACTOR = 8;

export function createNoopCache(): NoopCache {
  const byActor = new Map<string, { rev: number; snapshot: AnyMachineSnapshot; says: Map<string, Say[]> }>();
  return {
    recall(message, rev) {
      if (message.eventId !== undefined || message.effect || message.timer) return undefined;
      const known = byActor.get(message.to);
      if (!known || known.rev !== rev) return undefined;
      const says = known.says.get(digest(message));
      return says && { says, snapshot: known.snapshot };
    },
    remember(message, rev, says, snapshot) {
      if (message.eventId !== undefined) return;
      let known = byActor.get(message.to);
      if (!known || known.rev !== rev) {
        known = { rev, snapshot, says: new Map() };
        byActor.delete(message.to);
        byActor.set(message.to, known);
        const eldest = byActor.size > ACTORS_REMEMBERED ? byActor.keys().next().value : undefined;
        if (eldest !== undefined) byActor.delete(eldest);
      }
      if (known.says.size >= EVENTS_PER_ACTOR) known.says.clear();
      known.says.set(digest(message), says);
    },
  };
}

/** A stranger's event may be long, and many are remembered. */
const digest = ({ event }: Message): string => hash('sha256', JSON.stringify(event), 'base64');
