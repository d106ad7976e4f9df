import type { AuditEntry, DmRequest } from '../shared/protocol.ts';
import { threadOf } from './notifications.ts';
import type { AlertContext } from './types.ts';

/**
 * Direct messages that a silence holds back: those of the present episode that are not being sent yet. They wait until
 * the silence or the episode ends. Pure.
 */

/** Of the messages, the first may be the one that is being sent. */
export interface Queue {
  isSending: boolean;
}

const heldDms = (context: AlertContext, { isSending }: Queue): DmRequest[] =>
  context.held === 'silenced'
    ? context.dms.slice(isSending ? 1 : 0).filter(({ thread }) => thread === threadOf(context))
    : [];

/** Messages are sent in their order, so the first one decides. */
export const mayBeSent = (context: AlertContext): boolean => {
  const [next] = context.dms;
  return next !== undefined && !heldDms(context, { isSending: false }).includes(next);
};

/** Nobody was told that the alert is active, so its end need not be announced either. */
export const endsUntold = ({ held, told }: AlertContext): boolean => held === 'silenced' && !told;

/** Later messages about the episode, which is over, are not held back. */
export function heldDropped(context: AlertContext, queue: Queue): Pick<AlertContext, 'dms' | 'held'> {
  const held = heldDms(context, queue);
  return { dms: context.dms.filter((message) => !held.includes(message)), held: null };
}

export const droppedAudit = (context: AlertContext, queue: Queue): AuditEntry[] =>
  heldDms(context, queue).map(({ kind, body }) => ({
    action: 'console.alerts.dm_dropped',
    payload: { alert_key: context.alertKey, kind, severity: body.severity, reason: 'ended while silenced' },
    actor: context.source,
  }));
