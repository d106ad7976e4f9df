import { alertActor } from '../shared/actorId.ts';
import { adoptionAudit, type Filed, missingTags, resultOfFound } from '../shared/filing.ts';
import type { Turn } from '../shared/helpdeskMessages.ts';
import { otherFactsOf } from '../shared/otherFacts.ts';
import { queued } from '../shared/pendingUpdates.ts';
import { type AuditEntry, type FilingIntent, type FilingResult, instantOf } from '../shared/protocol.ts';
import { continuedNoted, earlierTicketRecorded, ticketToContinue } from './continuation.ts';
import { replayWords } from './deadLetter.ts';
import { dependentsNoted } from './dependents.ts';
import { dmQueued, resolvedNoted, severityNoted } from './notifications.ts';
import { resolvedFirst } from './skipped.ts';
import type { AlertContext, Ending, Filing, FoundEvent } from './types.ts';

/** The filing of an episode's ticket: what is intended, and what its result changes. Pure. */

type Change = Partial<AlertContext>;

export const actorIdOf = ({ alertKey }: AlertContext): string => alertActor(alertKey);

export const started = ({ alertKey, filings, episode, severity, title }: AlertContext): Change => ({
  filings: filings + 1,
  filing: { filingId: `${alertActor(alertKey)}:${filings + 1}`, episode, severity, title, over: null },
  probe: false,
});

/** Its turn to try. Only this try, and a doubt that it leaves, may be the last: by the next one, an outage may have begun. */
export function turnTaken({ filing }: AlertContext, { probe, last }: Turn): Change {
  if (!filing) return { probe };
  const { last: _, ...rest } = filing;
  return { probe, filing: last ? { ...rest, last } : rest };
}

/** What an effect is told about a last try. */
export const lastTry = ({ filing }: AlertContext): { last?: true } => (filing?.last ? { last: true } : {});

export function intents(context: AlertContext): FilingIntent[] {
  const { alertKey, source, severity, title, details, url, surfaceId, surfaceName, labels, since, filing } = context;
  if (!filing) return [];
  const facts = { alertKey, source, severity, title, details, url, surfaceId, surfaceName, since };
  const request = labels ? { ...facts, labels } : facts;
  return [
    {
      filingId: filing.filingId,
      subjectKey: `${alertActor(alertKey)}:${filing.episode}`,
      source,
      deadlineAt: null,
      request: { path: 'alert', ...replayWords(context, 'alert'), ...request, ...ticketToContinue(context) },
    },
  ];
}

/** The filing under way, if any. */
export const openFilings = ({ filing }: AlertContext): string[] => (filing ? [filing.filingId] : []);

export const filedAudit = (context: AlertContext, result: FilingResult): AuditEntry[] =>
  ticketAudit('console.alerts.ticket_filed', context, result);
export const continuedAudit = (context: AlertContext, result: FilingResult): AuditEntry[] =>
  ticketAudit('console.alerts.ticket_continued', context, result);

/** The severity is that with which the filing began, which may be lower than the present one. */
const ticketAudit = (action: string, { alertKey, filing, source }: AlertContext, result: FilingResult): AuditEntry[] =>
  result.outcome === 'filed' && filing
    ? [
        {
          action,
          payload: {
            alert_key: alertKey,
            severity: filing.severity,
            ticket_id: result.ticket.id,
            ticket_url: result.ticket.url,
          },
          actor: source,
        },
      ]
    : [];

/**
 * A ticket of the present episode becomes its ticket, and a message with the link follows. A ticket of an earlier episode
 * gets a note that this episode has ended. A continued one first gets a note that the alert was back, whichever episode it
 * was: the present one may have begun with another window, and may get another ticket or none.
 */
export function ticketRecorded(context: AlertContext, result: FilingResult, event: object): Change {
  const { filing } = context;
  if (result.outcome !== 'filed' || !filing) return { filing: null };
  const { ticket } = result;
  const isOfThisEpisode = filing.episode === context.episode;
  const facts = isOfThisEpisode ? context : factsOfEarlierEpisode(context, filing);
  const tagged = { ...facts, ticket, chores: queued(context.chores, ...missingTags(filing.filingId, result)) };
  const back = result.created ? tagged : { ...tagged, ...continuedNoted(tagged) };
  const isActive = isOfThisEpisode && context.active;
  const noted = { ...back, ...missedNote(back, { isActive, result }, event) };
  if (!isOfThisEpisode) {
    const { chores, said } = noted;
    return { filing: null, chores, said, ...earlierTicketRecorded(context, filing.episode, ticket) };
  }
  const named = { ...noted, ...dependentsNoted(noted, event) };
  const { chores, dependents, dms, said } = { ...named, ...dmQueued(named, ticketMessage(context, result.created)) };
  return { filing: null, ticket, reason: null, chores, dependents, dms, said };
}

/** For notes about that episode. What it continued is not known any more. The ticket has a note of when that ended. */
function factsOfEarlierEpisode(context: AlertContext, { episode, severity, title, over }: Filing): AlertContext {
  const since = context.starts.at(episode - context.episode - 1) ?? over?.at ?? context.since;
  return { ...context, severity, title: title ?? context.title, since, continues: null };
}

const ticketMessage = ({ continues }: AlertContext, isNew: boolean) =>
  isNew ? ({ kind: 'ticket' } as const) : ({ kind: 'continued', endedAt: continues?.endedAt ?? null } as const);

/**
 * A note on what happened while the ticket was being filed: the episode ended, the severity rose, or what its sender says
 * changed. A note that the alert is back has the present severity and title.
 */
function missedNote(
  context: AlertContext,
  { isActive, result }: { isActive: boolean; result: Filed },
  event: object,
): Change {
  const { filing, severity, title } = context;
  if (!filing) return {};
  if (!isActive) return resolvedNoted(context, filing.over ?? { at: instantOf(event), reason: null });
  if (!result.created) return {};
  const isSame = filing.severity === severity && (filing.title ?? title) === title;
  const haveOthersChanged = result.facts !== undefined && result.facts !== otherFactsOf(context);
  return isSame && !haveOthersChanged ? {} : severityNoted(context, event, haveOthersChanged);
}

/** The episode ended before its filing did. An ending of a later episode does not concern the filing. */
export function endedWhileFiling(context: AlertContext, { at, reason }: Ending): Change {
  const { filing, episode, audited } = context;
  return filing?.episode === episode
    ? { filing: { ...filing, over: { at, reason, audited } } }
    : resolvedFirst(context);
}

/** The episode is active, and this is the ticket that it lacks. */
export const isMissingTicket = (context: AlertContext, { episode }: FoundEvent): boolean =>
  context.active && context.ticket === null && episode === context.episode;

/** Recorded like a ticket that was filed. A filing that is under way meanwhile goes on. */
export function foundTicketRecorded(context: AlertContext, event: FoundEvent): Change {
  const { filing: _, ...change } = ticketRecorded(asIfFiling(context, event), resultOfFound(event.ticket), event);
  if (!context.ticket || event.episode !== context.episode) return change;
  // A second ticket for this episode gets its tags. The first one stays the ticket of the episode.
  const { ticket: _ticket, reason: _reason, dms: _dms, ...rest } = change;
  return rest;
}

export const foundAudit = (context: AlertContext, event: FoundEvent): AuditEntry[] => [
  ...filedAudit(asIfFiling(context, event), resultOfFound(event.ticket)),
  ...adoptionAudit(event),
];

/** The context as it would be, if the ticket had been found while its filing was open. */
function asIfFiling(context: AlertContext, { filingId, episode, severity, closedAt }: FoundEvent): AlertContext {
  const isActive = episode === context.episode && context.active;
  const over = isActive ? null : { at: closedAt, reason: null, audited: [] };
  return { ...context, filing: { filingId, episode, severity, over } };
}

export const reconsideredAudit = ({ alertKey, severity }: AlertContext): AuditEntry[] => [
  { action: 'console.reconcile.alert_reconsidered', payload: { alert_key: alertKey, severity }, actor: 'reconciler' },
];
