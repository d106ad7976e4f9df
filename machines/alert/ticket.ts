import { adoptionAudit } from '../shared/adoption.ts';
import {
  type ActorMessage,
  type Adoption,
  type AuditEntry,
  type FilingIntent,
  type FilingResult,
  instantOf,
  type Suppression,
  type SuppressionReason,
  type TicketUpdate,
  type TicketUpdateResult,
  type Words,
} from '../shared/protocol.ts';
import * as dependents from './dependents.ts';
import * as life from './life.ts';
import type { AlertContext, Ending, FoundEvent as Found, Letter } from './types.ts';

/** What an alert does about its ticket: what it intends, what it records, why there is none. */

type Change = Partial<AlertContext>;

export const begun = ({ alertKey, filings, episode, severity }: AlertContext): Change => ({
  filings: filings + 1,
  filing: { filingId: `alert:${alertKey}:${filings + 1}`, episode, severity, over: null },
  probe: false,
});

export function intent(context: AlertContext): FilingIntent[] {
  const { alertKey, source, severity, title, details, url, surfaceId, surfaceName, since, filing } = context;
  if (!filing) return [];
  const request = { alertKey, source, severity, title, details, url, surfaceId, surfaceName, since };
  return [
    {
      filingId: filing.filingId,
      subjectKey: `alert:${alertKey}:${filing.episode}`,
      source,
      deadlineAt: null,
      request: { path: 'alert', ...worded(context), ...request },
    },
  ];
}

/** The dead letter of the present episode. */
const letterOf = ({ letter, episode }: AlertContext): Letter | null => (letter?.episode === episode ? letter : null);

export const isLetter = (context: AlertContext, filingId: string): boolean => letterOf(context)?.filingId === filingId;

/** The help desk refused this very ticket, and nobody has asked for another try since. */
export const wasRejected = (context: AlertContext): boolean =>
  context.audited.includes('rejected') && letterOf(context)?.replayed !== true;

/** What a person wrote holds for every further filing of the episode. */
const worded = (context: AlertContext): { words?: Words } => {
  const words = letterOf(context)?.words;
  return words ? { words } : {};
};

const buriedAs = (filingId: string, episode: number): Change => ({
  letter: { filingId, episode, replayed: false, words: null },
});

export const buried = ({ filing }: AlertContext): Change =>
  filing ? { filing: null, ...buriedAs(filing.filingId, filing.episode) } : {};

/** The letter is the umbrella's. */
export const buriedTogether = ({ episode }: AlertContext, filingId: string | null | undefined): Change =>
  filingId ? buriedAs(filingId, episode) : {};

export function replayed(context: AlertContext, words: Words | null): Change {
  const letter = letterOf(context);
  return letter ? { letter: { ...letter, replayed: true, words } } : {};
}

/**
 * A ticket of the present episode is kept, with its link for the opening message; one of an ended episode is only
 * told so. What happened while it was being filed stands on it as a note.
 */
export function kept(context: AlertContext, result: FilingResult, event: object): Change {
  const { filing } = context;
  if (result.outcome !== 'filed' || !filing) return { filing: null };
  const own = filing.episode === context.episode;
  const tag: TicketUpdate[] = result.tagged
    ? []
    : [{ kind: 'tag', id: `${filing.filingId}:tag`, filingId: filing.filingId, ticketId: result.ticket.id }];
  const standing = { ...context, ticket: result.ticket, chores: [...context.chores, ...tag] };
  const noted = { ...standing, ...missedNote(standing, own && context.active, event) };
  const named = own ? { ...noted, ...dependents.noted(noted, event) } : noted;
  const linked = own ? { ...named, ...life.dm(named, 'ticket') } : named;
  return {
    filing: null,
    ticket: own ? result.ticket : context.ticket,
    reason: own ? null : context.reason,
    chores: linked.chores,
    dependents: linked.dependents,
    dms: linked.dms,
    said: linked.said,
  };
}

/** The filing as it would be, had its ticket been found in time. */
function asFiled(context: AlertContext, { filingId, episode, severity, ticket, closedAt }: Found) {
  const goesOn = episode === context.episode && context.active;
  const over = goesOn ? null : { at: closedAt, reason: null, audited: [] };
  const result: FilingResult = { outcome: 'filed', ticket, created: true, tagged: false, whileFailing: false };
  return { context: { ...context, filing: { filingId, episode, severity, over } }, result };
}

/** Nothing else is said of the ticket of this episode, which goes on. */
export const isWanted = (context: AlertContext, { episode }: Found): boolean =>
  context.active && context.ticket === null && episode === context.episode;

export const adopted = ({ filingId, ticket, filedAt }: Found): Adoption[] => [{ filingId, ticket, filedAt }];

/** Kept like one that was filed; a filing that is under way meanwhile goes on. */
export function foundLate(given: AlertContext, event: Found): Change {
  const { context, result } = asFiled(given, event);
  const { filing: _filing, ...change } = kept(context, result, event);
  if (!given.ticket || event.episode !== given.episode) return change;
  // A second ticket for this episode: it is tagged, and nobody is told that it is the one.
  const { ticket: _ticket, reason: _reason, dms: _dms, ...rest } = change;
  return rest;
}

export function foundAudit(given: AlertContext, event: Found): AuditEntry[] {
  const { context, result } = asFiled(given, event);
  return [...filedAudit(context, result), ...adoptionAudit(event)];
}

export const reconsideredAudit = ({ alertKey, severity }: AlertContext): AuditEntry[] => [
  { action: 'console.reconcile.alert_reconsidered', payload: { alert_key: alertKey, severity }, actor: 'reconciler' },
];

/** What the ticket would have been told, had it been there: that all is over, or that it got worse. */
function missedNote(context: AlertContext, goesOn: boolean, event: object): Change {
  const { filing, severity } = context;
  if (!filing) return {};
  if (!goesOn) return life.noteResolved(context, filing.over ?? { at: instantOf(event), reason: null });
  return filing.severity === severity ? {} : life.noteSeverity(context, event);
}

/** The episode ended before its ticket was there. A later episode that ends, too, is none of this filing's business. */
export function ended(context: AlertContext, { at, reason }: Ending): Change {
  const { filing, episode, audited } = context;
  return filing?.episode === episode ? { filing: { ...filing, over: { at, reason, audited } } } : missed(context);
}

export const current = ({ filing }: AlertContext): string[] => (filing ? [filing.filingId] : []);

/** With the severity that stands on the ticket. */
export const filedAudit = ({ alertKey, filing, source }: AlertContext, result: FilingResult): AuditEntry[] =>
  result.outcome === 'filed' && filing
    ? [
        {
          action: 'console.alerts.ticket_filed',
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

/** Each reason for having no ticket is audited once an episode. */
export const skippedAudit = ({ alertKey, severity, source, audited }: AlertContext, reason: string): AuditEntry[] =>
  audited.includes(reason)
    ? []
    : [{ action: 'console.alerts.ticket_skipped', payload: { alert_key: alertKey, severity, reason }, actor: source }];

export const skipped = ({ audited }: AlertContext, reason: string): Change => ({
  reason,
  audited: audited.includes(reason) ? audited : [...audited, reason],
});

const TOO_LATE = 'resolved_before_filing';

/** The present episode ended without a ticket. */
export const missedAudit = (context: AlertContext): AuditEntry[] =>
  context.ticket ? [] : skippedAudit(context, TOO_LATE);
export const missed = (context: AlertContext): Change => (context.ticket ? {} : skipped(context, TOO_LATE));

/** It did while an earlier one's filing was still under way; the next may begin before that ends. */
export const overtakenAudit = (context: AlertContext): AuditEntry[] =>
  context.filing?.episode === context.episode ? [] : missedAudit(context);

/** So did an earlier one, whose filing was in doubt for so long that the next has begun. */
export const outlivedAudit = (context: AlertContext): AuditEntry[] => {
  const { filing, episode } = context;
  if (!filing?.over || filing.episode === episode) return [];
  return skippedAudit({ ...context, severity: filing.severity, audited: filing.over.audited }, TOO_LATE);
};

export const refusal = (result: FilingResult): string => (result.outcome === 'refused' ? result.reason : '');

/** Right before the post it turned out that the moment holds it back. */
export const stopped = (result: FilingResult): Change => ({ filing: null, ...heldFor(refusal(result)) });
export const heldFor = (reason: string): Change => ({ held: reason as SuppressionReason });

const holding = (context: AlertContext, reason: Suppression['reason'], over: Suppression['over']): Suppression[] => {
  const { alertKey, source, episode, severity, title, surfaceId, since } = context;
  return [{ alertKey, source, episode, severity, title, surfaceId, since, reason, over }];
};
export const holds = (context: AlertContext): Suppression[] => holding(context, context.held, null);
export const holdOver = (context: AlertContext, over: 'released' | 'ended'): Suppression[] =>
  holding(context, null, over);

export const me = ({ alertKey }: AlertContext): string => `alert:${alertKey}`;

/** Asks the source's umbrella to name this alert, on its ticket or in its grouped message. */
export function joinUmbrella(context: AlertContext, as: 'TICKET_MEMBER' | 'DM_MEMBER'): ActorMessage[] {
  const { alertKey, source, severity, title } = context;
  const words = as === 'TICKET_MEMBER' ? worded(context) : {};
  return [{ to: `umbrella:${source}`, event: { type: as, member: { alertKey, severity, title }, ...words } }];
}

export const leaveUmbrella = ({ alertKey, source }: AlertContext): ActorMessage[] => [
  { to: `umbrella:${source}`, event: { type: 'TICKET_LEFT', alertKey } },
];

export const choreDone = ({ chores }: AlertContext): Change => ({ chores: chores.slice(1) });

export function choreAudit({ alertKey, source, chores }: AlertContext, result: TicketUpdateResult): AuditEntry[] {
  const chore = chores[0];
  if (result.outcome !== 'dropped' || !chore) return [];
  return [
    {
      action: `console.alerts.${chore.kind}_dropped`,
      payload: { alert_key: alertKey, ticket_id: chore.ticketId, reason: result.reason },
      actor: source,
    },
  ];
}
