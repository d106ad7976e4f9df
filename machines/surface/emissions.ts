import type { Severity, SurfaceEmission } from '../shared/protocol.ts';
import { flapHoldMs, flappingIdentity, isFlapping, outageClosed, outageCounted } from './outages.ts';
import type { SurfaceContext } from './types.ts';

/** What a surface emits about its outage. Pure. */

const severityOf = ({ policy, status }: SurfaceContext): Severity | null =>
  status === 'DOWN' ? policy.severity.down : policy.severity.degraded;

/** Emitted with each bad check of the outage. A good one says nothing: it must not file just before a recovery. If the present status raises no alert, an earlier one is resolved. */
export function outageEmission(context: SurfaceContext): SurfaceEmission[] {
  const severity = severityOf(context);
  return severity === null
    ? resolution(context, 'status raises no alert')
    : [emission(context, 'firing', severity, null)];
}

/** Where this emission begins an alert, the outage is counted. Where it resolves one, although the outage lasts, the next begins anew. */
export function alertCounted(context: SurfaceContext, event: object): Partial<SurfaceContext> {
  if (severityOf(context) !== null) return outageCounted(context, event);
  return context.alerting === null ? {} : outageClosed(context, event);
}

export const outageEmitted = (context: SurfaceContext): Partial<SurfaceContext> => ({ alerting: severityOf(context) });

/** Nothing if no alert was emitted. `reason` is null for a recovery. */
export const resolution = (context: SurfaceContext, reason: string | null): SurfaceEmission[] =>
  context.alerting === null ? [] : [emission(context, 'resolved', context.alerting, reason)];

/** The surface is not watched any more: its alert ends at once, also one that waits for a flapping surface to stay up. */
export function finalResolution(context: SurfaceContext, reason: string): SurfaceEmission[] {
  const { alerting, policy } = context;
  const confirmedAt = alerting === null ? flappingIdentity(context) : context.confirmedAt;
  if (confirmedAt === null) return [];
  const severity = alerting ?? policy.severity.down ?? policy.severity.degraded ?? 'P3';
  return [{ ...emission({ ...context, confirmedAt }, 'resolved', severity, reason), final: true }];
}

function emission(
  context: SurfaceContext,
  what: 'firing' | 'resolved',
  severity: Severity,
  reason: string | null,
): SurfaceEmission {
  const { surfaceId, name, confirmedAt, status, error, unstable, policy } = context;
  return {
    surfaceId,
    surfaceName: name,
    confirmedAt: confirmedAt ?? '',
    status: what,
    severity,
    title: `${name} is ${status}${unstable ? ' (unstable)' : ''}`,
    details: error,
    reason,
    ...(isFlapping(context) && { flapHoldMs: flapHoldMs(context) }),
    ...(policy.reopenWithinMs && { reopenWithinMs: policy.reopenWithinMs }),
  };
}
