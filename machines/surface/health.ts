import { type AuditEntry, instantOf, type NoteAbout, type SurfaceEmission } from '../shared/protocol.ts';
import type { CheckedEvent, Outcome, Status, SurfaceContext } from './types.ts';

/** What a surface counts and says about its health: pure arithmetic over context and event. */

type Change = Partial<SurfaceContext>;

export const blank = (surfaceId: string): SurfaceContext => ({
  surfaceId,
  name: surfaceId,
  policy: { failuresToOpen: 2, successesToClose: 2, severity: { degraded: 'P3', down: 'P1' } },
  status: 'UNKNOWN',
  since: null,
  streak: { outcome: 'up', count: 0 },
  bad: 0,
  confirmedAt: null,
  error: null,
  alerting: null,
  maintenance: null,
  clicks: [],
  round: null,
  filings: 0,
  tickets: [],
  said: 0,
  chores: [],
});

/** Counts one result. Counters stop where they stop mattering, so that a steady surface never changes. */
export function counted({ streak, bad }: SurfaceContext, check: CheckedEvent): Change {
  const { outcome, failuresToOpen, successesToClose, severity } = check;
  const enough = Math.max(failuresToOpen, successesToClose);
  return {
    name: check.name,
    policy: { failuresToOpen, successesToClose, severity },
    streak: { outcome, count: streak.outcome === outcome ? Math.min(streak.count + 1, enough) : 1 },
    bad: outcome === 'up' ? 0 : Math.min(bad + 1, enough),
  };
}

export const confirmed = ({ streak }: SurfaceContext, outcome: Outcome, times: number): boolean =>
  streak.outcome === outcome && streak.count >= times;

/** `since` moves only when the status shown really changes: a suspicion that came to nothing leaves it alone. */
export const became = (context: SurfaceContext, status: Status, event: object): Change =>
  context.status === status ? {} : { status, since: instantOf(event) || null };

export const outage = (context: SurfaceContext, status: 'DEGRADED' | 'DOWN', event: object): Change => ({
  ...became(context, status, event),
  confirmedAt: context.confirmedAt ?? instantOf(event),
  error: 'error' in event && typeof event.error === 'string' ? event.error : null,
});

export const forgotten = ({ streak }: SurfaceContext): Change => ({
  streak: { outcome: streak.outcome, count: 0 },
  bad: 0,
  ...outageOver,
});

const outageOver: Change = { confirmedAt: null, error: null, alerting: null };

const severityNow = ({ policy, status }: SurfaceContext) =>
  status === 'DOWN' ? policy.severity.down : policy.severity.degraded;

/** The standing fact of the outage, repeated with each check; resolved where this status raises no alert. */
export function fails(context: SurfaceContext): SurfaceEmission[] {
  const severity = severityNow(context);
  return severity === null
    ? resolves(context, 'status raises no alert')
    : [emission(context, 'firing', severity, null)];
}

export const alertingNow = (context: SurfaceContext): Change => ({ alerting: severityNow(context) });

export const resolves = (context: SurfaceContext, reason: string | null): SurfaceEmission[] =>
  context.alerting === null ? [] : [emission(context, 'resolved', context.alerting, reason)];

function emission(
  { surfaceId, name, confirmedAt, status, error }: SurfaceContext,
  what: 'firing' | 'resolved',
  severity: SurfaceEmission['severity'],
  reason: string | null,
): SurfaceEmission {
  return {
    surfaceId,
    surfaceName: name,
    confirmedAt: confirmedAt ?? '',
    status: what,
    severity,
    title: `${name} is ${status}`,
    details: error,
    reason,
  };
}

/** The end of an outage: every ticket that a click filed hears of it once. */
export function recovered(context: SurfaceContext, event: object): Change {
  const about: NoteAbout = { what: 'recovered', name: context.name, since: context.since, at: instantOf(event) };
  return {
    ...outageOver,
    said: context.said + context.tickets.length,
    chores: [
      ...context.chores,
      ...context.tickets.map(({ id }, n) => ({
        kind: 'note' as const,
        id: `surface:${context.surfaceId}:note:${context.said + n + 1}`,
        ticketId: id,
        about,
      })),
    ],
  };
}

export const maintenanceLeft = ({ maintenance }: SurfaceContext): number =>
  maintenance ? Math.max(0, Date.parse(maintenance.until) - Date.parse(maintenance.setAt)) : 0;

export const maintenanceSet = (event: { until: string; reason: string; by: string }): Change => ({
  maintenance: { until: event.until, reason: event.reason, by: event.by, setAt: instantOf(event) },
});

export const maintenanceAudit = (
  { surfaceId, maintenance }: SurfaceContext,
  what: 'started' | 'ended',
  by: string,
): AuditEntry[] => [
  {
    action: `console.surfaces.maintenance_${what}`,
    payload: { surface_id: surfaceId, until: maintenance?.until ?? null, reason: maintenance?.reason ?? null },
    actor: by,
  },
];
