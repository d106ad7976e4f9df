import type { AuditEntry } from '../shared/protocol.ts';
import type { AlertContext } from './types.ts';

/** Decisions not to file, each with its reason. A reason is audited once per episode. Pure. */

type Change = Partial<AlertContext>;

const RESOLVED_FIRST = 'resolved_before_filing';

export const skippedAudit = ({ alertKey, severity, source, audited }: AlertContext, reason: string): AuditEntry[] =>
  audited.includes(reason)
    ? []
    : [{ action: 'console.alerts.ticket_skipped', payload: { alert_key: alertKey, severity, reason }, actor: source }];

export const skipped = ({ audited }: AlertContext, reason: string): Change => ({
  reason,
  audited: audited.includes(reason) ? audited : [...audited, reason],
});

/** The episode ended without a ticket. */
export const resolvedFirstAudit = (context: AlertContext): AuditEntry[] =>
  context.ticket ? [] : skippedAudit(context, RESOLVED_FIRST);
export const resolvedFirst = (context: AlertContext): Change =>
  context.ticket ? {} : skipped(context, RESOLVED_FIRST);

/**
 * The episode ended while a filing was under way. If that filing belongs to an earlier episode, this one ends without
 * a filing of its own, and is audited now.
 */
export const endedWhileFilingAudit = (context: AlertContext): AuditEntry[] =>
  context.filing?.episode === context.episode ? [] : resolvedFirstAudit(context);

/**
 * The filing of an episode that has ended leads to no ticket. If the next episode has begun meanwhile, this is the last
 * moment to audit the earlier one.
 */
export const earlierEpisodeAudit = (context: AlertContext): AuditEntry[] => {
  const { filing, episode } = context;
  if (!filing?.over || filing.episode === episode) return [];
  return skippedAudit({ ...context, severity: filing.severity, audited: filing.over.audited }, RESOLVED_FIRST);
};
