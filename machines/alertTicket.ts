import * as life from './alertLife.ts';
import type { AlertContext } from './alertTypes.ts';
import type { AuditEntry, Chore, ChoreResult, FilingIntent, FilingResult, Tell } from './asks.ts';

/** What an alert does about its ticket: what it intends, what it records, why there is none. */

type Change = Partial<AlertContext>;

export const begun = ({ alertKey, filings, episode }: AlertContext): Change => ({
  filings: filings + 1,
  filing: { filingId: `alert:${alertKey}:${filings + 1}`, episode },
  probe: false,
});

export function intent(context: AlertContext): FilingIntent[] {
  const { alertKey, source, severity, title, details, url, surfaceId, surfaceName, since, filing } = context;
  if (!filing) return [];
  return [
    {
      filingId: filing.filingId,
      subjectKey: `alert:${alertKey}:${filing.episode}`,
      source,
      deadlineAt: null,
      request: { path: 'alert', alertKey, source, severity, title, details, url, surfaceId, surfaceName, since },
    },
  ];
}

/** The ticket of a filing that the present episode asked for; one of an ended episode is only audited. */
export function kept(context: AlertContext, result: FilingResult, event: object): Change {
  const { filing } = context;
  if (result.outcome !== 'filed' || !filing) return { filing: null };
  const tag: Chore[] = result.tagged
    ? []
    : [{ kind: 'tag', id: `${filing.filingId}:tag`, filingId: filing.filingId, ticketId: result.ticket.id }];
  const own = filing.episode === context.episode;
  const next = { ...context, ticket: result.ticket, chores: [...context.chores, ...tag] };
  const over = own && context.active ? {} : life.note(next, life.resolvedNote(context, event));
  return {
    chores: next.chores,
    ...over,
    filing: null,
    ticket: own ? result.ticket : context.ticket,
    ...(own ? { reason: null } : {}),
  };
}

export const current = ({ filing }: AlertContext): string[] => (filing ? [filing.filingId] : []);

export const filedAudit = ({ alertKey, severity, source }: AlertContext, result: FilingResult): AuditEntry[] =>
  result.outcome === 'filed'
    ? [
        {
          action: 'console.alerts.ticket_filed',
          payload: { alert_key: alertKey, severity, ticket_id: result.ticket.id, ticket_url: result.ticket.url },
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

export const refusal = (result: FilingResult): string => (result.outcome === 'refused' ? result.reason : '');

const me = ({ alertKey }: AlertContext) => `alert:${alertKey}`;

export const deskFailed = (context: AlertContext, result: FilingResult): Tell[] => [
  {
    to: 'helpdesk',
    event: {
      type: 'FAILED',
      who: me(context),
      problem: result.outcome === 'failed' ? result.problem : 'unavailable',
    },
  },
];
/** It failed, and this filing cannot be the one that tries again: it may stand already. */
export const deskDoubted: Tell[] = [{ to: 'helpdesk', event: { type: 'FAILED', who: null, problem: 'unavailable' } }];
export const deskWorks = (result: FilingResult): Tell[] =>
  result.outcome === 'filed' && result.whileFailing ? [{ to: 'helpdesk', event: { type: 'SUCCEEDED' } }] : [];
export const deskLeft = (context: AlertContext): Tell[] => [{ to: 'helpdesk', event: { type: 'LEFT', who: me(context) } }];

/** Asks the source's umbrella to name this alert, on its ticket or in its grouped message. */
export const joinUmbrella = (
  { alertKey, source, severity, title, auto }: AlertContext,
  as: 'TICKET_MEMBER' | 'DM_MEMBER',
): Tell[] => [{ to: `umbrella:${source}`, event: { type: as, member: { alertKey, severity, title }, auto } }];

export const choreDone = ({ chores }: AlertContext): Change => ({ chores: chores.slice(1) });

export function choreAudit({ alertKey, source, chores }: AlertContext, result: ChoreResult): AuditEntry[] {
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
