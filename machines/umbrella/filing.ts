import { alertActor, umbrellaActor } from '../shared/actorId.ts';
import { missingTags } from '../shared/filing.ts';
import type { Turn } from '../shared/helpdeskMessages.ts';
import { queued } from '../shared/pendingUpdates.ts';
import type { ActorMessage, AuditEntry, FilingIntent, FilingResult } from '../shared/protocol.ts';
import { namesWritten } from './members.ts';
import type { UmbrellaContext } from './types.ts';

/** The filing of the umbrella ticket: what is intended, and what its result changes. Pure. */

export const actorIdOf = ({ source }: UmbrellaContext): string => umbrellaActor(source);

/** Its turn to try. Only this try, and a doubt that it leaves, may be the last: by the next one, an outage may have begun. */
export const turnTaken = ({ filingId, lastTry }: UmbrellaContext, { probe, last }: Turn): Partial<UmbrellaContext> => ({
  probe,
  ...(last ? { lastTry: filingId } : lastTry ? { lastTry: null } : {}),
});

/** What an effect is told about a last try. */
export const lastTry = ({ lastTry, filingId }: UmbrellaContext): { last?: true } =>
  lastTry && lastTry === filingId ? { last: true } : {};

export function intents(context: UmbrellaContext): FilingIntent[] {
  const { source, storm, since, count, members, naming, filingId, words } = context;
  if (filingId === null) return [];
  const named = { source, since, count, members: members.slice(0, naming) };
  return [
    {
      filingId,
      subjectKey: `${umbrellaActor(source)}:${storm}`,
      source: null,
      deadlineAt: null,
      request: { path: 'umbrella', ...(words ? { words } : {}), ...named },
    },
  ];
}

/** The filing of this storm, if any. */
export const openFilings = ({ filingId }: UmbrellaContext): string[] => (filingId === null ? [] : [filingId]);

export function ticketRecorded(context: UmbrellaContext, result: FilingResult): Partial<UmbrellaContext> {
  const { filingId, chores } = context;
  if (result.outcome !== 'filed' || filingId === null) return {};
  return { ticket: result.ticket, ...namesWritten(context), chores: queued(chores, ...missingTags(filingId, result)) };
}

export const filedAudit = ({ source, count, storm }: UmbrellaContext, result: FilingResult): AuditEntry[] =>
  result.outcome === 'filed'
    ? [
        {
          action: 'console.alerts.umbrella_filed',
          payload: { source, storm, members: count, ticket_id: result.ticket.id, ticket_url: result.ticket.url },
          actor: source,
        },
      ]
    : [];

/** Tells every member that there is no umbrella ticket, so that it decides again. `result` is null after a failure. */
export function membersDismissed({ members, filingId }: UmbrellaContext, result: FilingResult | null): ActorMessage[] {
  const reason = result?.outcome === 'refused' ? result.reason : 'rejected';
  return members.map(({ alertKey }) => ({ to: alertActor(alertKey), event: { type: 'UNLISTED', reason, filingId } }));
}
