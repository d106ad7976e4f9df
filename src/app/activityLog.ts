import type { AlertContext } from '../../machines/alert/types.ts';
import { kindOf } from '../../machines/shared/actorId.ts';
import type { AuditEntry } from '../../machines/shared/protocol.ts';
import type { SurfaceContext } from '../../machines/surface/types.ts';
import type { Delivered } from '../actors/messages.ts';
import type { Log } from '../log/log.ts';
import type { Metrics } from './metrics.ts';

/**
 * Logs and counts what happened, after the commit. The runbooks grep for these messages, and rely on their absence if
 * nothing was filed, clicked or failed.
 */
export function createActivityLog(log: Log, metrics: Metrics): (delivered: Delivered[]) => void {
  return (delivered) => {
    countDeliveries(delivered);
    for (const each of delivered) {
      if (each.applied !== 'changed') continue;
      logAudit(each);
      if (kindOf(each.message.to) === 'surface') logSurface(each);
      if (kindOf(each.message.to) === 'alert') logAlert(each);
      if (each.message.event.type === 'OVERDUE') logOverdueDeadLetters(each);
    }
  };

  /** Adds up each kind and result first: thousands of repeats arrive together, and a counter looks up its labels each time. */
  function countDeliveries(delivered: readonly Delivered[]): void {
    const counts = new Map<string, Map<string, number>>();
    for (const { message, applied } of delivered) {
      const kind = kindOf(message.to);
      const ofKind = counts.get(kind) ?? new Map<string, number>();
      counts.set(kind, ofKind.set(applied, (ofKind.get(applied) ?? 0) + 1));
    }
    for (const [kind, ofKind] of counts)
      for (const [applied, times] of ofKind) metrics.deliveries.inc({ kind, applied }, times);
  }

  function logAudit({ actions }: Delivered): void {
    for (const { name, params } of actions) {
      if (name !== 'audit') continue;
      for (const { action, payload } of params as AuditEntry[]) {
        metrics.audits.inc({ action });
        if (action.endsWith('.ticket_filed')) {
          log.info(payload, 'ticket_filed');
          if (payload.idempotent !== true) log.info({ ticket_id: payload.ticket_id, action }, 'auto_ticket filed');
        } else if (action === 'console.alerts.ticket_continued') {
          log.info(payload, 'alert continues its open ticket');
        } else if (action === 'console.alerts.umbrella_filed') {
          log.info(payload, 'auto_ticket filed for a storm');
        } else if (action === 'console.connection.lost') {
          log.warn(payload, 'offline: no self-check target answers; checks count as nothing');
        } else if (action === 'console.connection.restored') {
          log.info(payload, 'online again');
        } else if (action === 'console.alerts.unstable_ids') {
          log.warn(payload, 'a sender gives one alert a new id each time');
        } else if (action === 'console.alerts.key_collision') {
          log.warn(payload, 'two alert ids share one alert key');
        } else {
          log.debug({ ...payload, action }, 'audit');
        }
      }
    }
  }

  function logSurface({ message, before, snapshot }: Delivered): void {
    const was = before?.context as SurfaceContext | undefined;
    const is = snapshot?.context as SurfaceContext | undefined;
    if (!is) return;
    if (message.event.type === 'INVESTIGATE') {
      log.info({ surface_id: is.surfaceId, by: message.event.by, status: is.status }, 'investigate');
    }
    if (was && was.status !== is.status) {
      metrics.changes.inc({ status: is.status });
      log.info({ surface_id: is.surfaceId, from: was.status, to: is.status, error: is.error }, 'status_poller');
    }
  }

  function logOverdueDeadLetters({ message }: Delivered): void {
    const { since, count } = message.event;
    log.warn({ since, count }, 'dead letters wait for a person');
  }

  function logAlert({ message, snapshot }: Delivered): void {
    const type = message.event.type;
    if (!snapshot || (type !== 'EMITTED' && type !== 'RESOLVED')) return;
    const { alertKey, severity, active, episode, flapping } = snapshot.context as AlertContext;
    log.info(
      { alert_key: alertKey, severity, state: active ? 'firing' : 'resolved', episode, flapping },
      'alert_aggregator emit',
    );
  }
}
