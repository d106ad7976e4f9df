import { kindOf } from '../../../machines/shared/actorId.ts';
import { statePaths } from '../../lib/statePaths.ts';
import { alertSentences } from './alert.ts';
import {
  connectionSentences,
  deadLetterAlarmSentences,
  groupedMessageSentences,
  helpdeskSentences,
  recipientSentences,
} from './fleet.ts';
import type { Change } from './sentences.ts';
import { surfaceSentences } from './surface.ts';
import { umbrellaSentences } from './umbrella.ts';

/** An event as the history has it, with the state of the actor before and after. */
export interface StoredEvent {
  event: { type: string; output?: unknown };
  from: unknown;
  to: unknown;
}

/** The sentences of any machine. What they are given belongs to that machine, by the kind of the actor. */
interface AnySentences {
  events: Record<string, (event: never, change: never) => string>;
  results: Record<string, { done(output: never, change: never): string; failed: string }>;
  timers: Record<string, (change: never) => string>;
}

const BY_KIND: Record<string, AnySentences> = {
  alert: alertSentences,
  surface: surfaceSentences,
  umbrella: umbrellaSentences,
  connection: connectionSentences,
  helpdesk: helpdeskSentences,
  recipient: recipientSentences,
  grouped: groupedMessageSentences,
  letters: deadLetterAlarmSentences,
};

const OTHER_RELEASE = 'An event of another release.';

/** What happened, in words for operators. */
export function sentenceOf(actorId: string, stored: StoredEvent): string {
  const kind = kindOf(actorId);
  const sentences = BY_KIND[kind];
  if (!sentences) return OTHER_RELEASE;
  return sentence(sentences, stored.event, changeOf(actorId.slice(kind.length + 1), stored)) ?? OTHER_RELEASE;
}

function sentence(
  { events, results, timers }: AnySentences,
  event: StoredEvent['event'],
  change: Change<string>,
): string | undefined {
  const [, how, id = ''] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(event.type) ?? [];
  if (how === 'done') return results[id]?.done(event.output as never, change as never);
  if (how === 'error') return results[id]?.failed;
  const delay = /^xstate\.after\.([^.]+)/.exec(event.type)?.[1];
  return delay === undefined ? events[event.type]?.(event as never, change as never) : timers[delay]?.(change as never);
}

function changeOf(subject: string, { from, to }: StoredEvent): Change<string> {
  const [before, after] = [new Set(statePaths(from)), new Set(statePaths(to))];
  return {
    subject,
    entered: (path) => after.has(path) && !before.has(path),
    left: (path) => before.has(path) && !after.has(path),
  };
}
