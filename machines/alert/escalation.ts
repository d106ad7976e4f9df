import type { AssignmentResult, AuditEntry, DmRequest } from '../shared/protocol.ts';
import { messageAbout } from './notifications.ts';
import type { AlertContext } from './types.ts';

/**
 * The escalation of a P1 whose ticket stays unassigned: once in each episode, after a time, another recipient gets a
 * message. The help desk is read at that moment, so none is sent about a ticket that was assigned, closed or deleted. Pure.
 */

type Change = Partial<AlertContext>;

/** `unknown`: the help desk could not be read for a while. */
export type Unassigned = 'unassigned' | 'unknown';

/** Whether the assignment of the ticket has to be read in this episode. */
export const needsLook = ({
  active,
  held,
  severity,
  ticket,
  escalateAfterMs,
  escalation,
  episode,
}: AlertContext): boolean =>
  active &&
  held !== 'silenced' &&
  severity === 'P1' &&
  ticket !== null &&
  typeof escalateAfterMs === 'number' &&
  escalation?.episode !== episode;

export const watchBegun = ({ escalateAfterMs }: AlertContext): Change => ({ watchedForMs: escalateAfterMs ?? null });

/** The rule was removed, or its time changed, since the watch began. A watch of an older release did not record its time. */
export const isRuleChanged = ({ escalateAfterMs = null, watchedForMs }: AlertContext): boolean =>
  escalateAfterMs === null || (watchedForMs !== undefined && watchedForMs !== escalateAfterMs);

export const isUnassigned = ({ assignment }: AssignmentResult): boolean => assignment === 'unassigned';

/** No message is needed in this episode any more. */
export const settled = ({ episode }: AlertContext): Change => ({ escalation: { episode, message: null } });

/** The message was sent, or is a dead letter. A new episode may have begun meanwhile. */
export const told = ({ escalation }: AlertContext): Change =>
  escalation ? { escalation: { ...escalation, message: null } } : {};

export function escalated(context: AlertContext, assignment: Unassigned): Change {
  const afterMinutes = Math.round((context.escalateAfterMs ?? 0) / 60_000);
  const message = messageAbout(context, { kind: 'unassigned', assignment, afterMinutes });
  return { said: context.said + 1, told: true, escalation: { episode: context.episode, message } };
}

/** The message of the escalation under way. */
export const escalationMessage = ({ escalation }: AlertContext): DmRequest => escalation?.message as DmRequest;

export function unassignedAudit(context: AlertContext, assignment: Unassigned): AuditEntry[] {
  const { alertKey, severity, source, ticket, escalateAfterMs } = context;
  return [
    {
      action: 'console.alerts.ticket_unassigned',
      payload: {
        alert_key: alertKey,
        severity,
        ticket_id: ticket?.id,
        ticket_url: ticket?.url,
        assignment,
        after_minutes: Math.round((escalateAfterMs ?? 0) / 60_000),
      },
      actor: source,
    },
  ];
}
