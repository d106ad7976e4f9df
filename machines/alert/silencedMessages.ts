import type { AuditEntry, DmRequest } from '../shared/protocol.ts';
import { threadOf } from './notifications.ts';
import type { AlertContext } from './types.ts';

/**
 * Direct messages that a silence holds back: those of the present episode that are not being sent yet. They wait until
 * the silence or the episode ends. Pure.
 */

const OPENINGS: readonly DmRequest['kind'][] = ['opened', 'flapping'];

export const heldDms = (context: AlertContext): DmRequest[] =>
  context.held === 'silenced' ? context.dms.filter(({ thread }) => thread === threadOf(context)) : [];

/** Messages are sent in their order, so the first one decides. */
export const mayBeSent = (context: AlertContext): boolean => {
  const [next] = context.dms;
  return next !== undefined && !heldDms(context).includes(next);
};

/** Nobody was told that the alert is active, so its end is no news either. */
export const openingIsHeld = (context: AlertContext): boolean =>
  heldDms(context).some(({ kind }) => OPENINGS.includes(kind));

/** What is said from now on about the episode, which is over, is not held. */
export const silenceEnded = ({ held }: AlertContext): Pick<AlertContext, 'held'> => ({
  held: held === 'silenced' ? null : held,
});

export function heldDropped(context: AlertContext): Pick<AlertContext, 'dms' | 'held'> {
  const held = heldDms(context);
  return { dms: context.dms.filter((message) => !held.includes(message)), ...silenceEnded(context) };
}

export const droppedAudit = (context: AlertContext): AuditEntry[] =>
  heldDms(context).map(({ kind, body }) => ({
    action: 'console.alerts.dm_dropped',
    payload: { alert_key: context.alertKey, kind, severity: body.severity, reason: 'ended while silenced' },
    actor: context.source,
  }));
