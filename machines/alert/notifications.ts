import { alertActor } from '../shared/actorId.ts';
import { queued } from '../shared/pendingUpdates.ts';
import { type DmRequest, instantOf, type NoteAbout } from '../shared/protocol.ts';
import type { AlertContext, Ending } from './types.ts';

/** Direct messages about an episode, and notes on its ticket. Both are queued here and sent one after the other. Pure. */

type Change = Partial<AlertContext>;

/** The messages of an episode are one thread. */
export const threadOf = ({ alertKey, episode }: AlertContext): string => `${alertActor(alertKey)}:${episode}`;

type Message = { kind: DmRequest['kind'] } & Record<string, unknown>;

/** The next message; `extra` is added to the facts that every message has. */
export function messageAbout(context: AlertContext, { kind, ...extra }: Message): DmRequest {
  const { alertKey, source, severity, title, details, url, surfaceId, surfaceName, since, ticket } = context;
  return {
    id: `dm:${alertKey}:${context.said + 1}`,
    thread: threadOf(context),
    kind,
    source,
    body: { alertKey, severity, title, details, url, surfaceId, surfaceName, since, ticket, ...extra },
  };
}

export const dmQueued = (context: AlertContext, message: Message): Change => ({
  said: context.said + 1,
  dms: [...context.dms, messageAbout(context, message)],
});

/** Messages with a link to the ticket. They may follow the end, and do not say whether the episode goes on. */
const LINKS: readonly DmRequest['kind'][] = ['ticket', 'continued'];

/** The next message is being sent, which may be about an earlier episode. */
export function dmStarted(context: AlertContext): Change {
  const [next] = context.dms;
  if (next?.thread !== threadOf(context) || LINKS.includes(next.kind)) return {};
  return { told: next.kind !== 'resolved' };
}

export const dmFinished = ({ dms }: AlertContext): Change => ({ dms: dms.slice(1) });

/** Nothing if the episode has no ticket. */
export function noteQueued(context: AlertContext, about: NoteAbout): Change {
  const { alertKey, said, ticket, chores } = context;
  if (!ticket) return {};
  const note = { kind: 'note', id: `note:${alertKey}:${said + 1}`, ticketId: ticket.id, about } as const;
  return { said: said + 1, chores: queued(chores, note) };
}

export function resolvedNoted(context: AlertContext, { at, reason }: Ending): Change {
  const { alertKey, title } = context;
  return noteQueued(context, { what: 'resolved', alertKey, title, at, reason });
}

/** `withFacts` where the ticket says other facts than the sender does by now. */
export function severityNoted(context: AlertContext, event: object, withFacts = false): Change {
  const { alertKey, title, severity, details, url, surfaceId, surfaceName } = context;
  const facts = withFacts ? { facts: { details, url, surfaceId, surfaceName } } : {};
  return noteQueued(context, { what: 'severity', alertKey, title, severity, at: instantOf(event), ...facts });
}

/** The ticket says that it stands for all ids of this sender. */
export const unstableIdsNoted = (context: AlertContext, event: { alertIds: string[] }): Change => ({
  unstable: true,
  ...noteQueued(context, { what: 'unstable', title: context.title, alertIds: event.alertIds, at: instantOf(event) }),
});
