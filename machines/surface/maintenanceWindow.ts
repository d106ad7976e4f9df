import { type AuditEntry, instantOf } from '../shared/protocol.ts';
import type { SurfaceContext } from './types.ts';

/** The maintenance window of a surface. Pure. */

/** Milliseconds from the instant when the window was set to its end. */
export const windowLength = ({ maintenance }: SurfaceContext): number =>
  maintenance ? Math.max(0, Date.parse(maintenance.until) - Date.parse(maintenance.setAt)) : 0;

export const windowSet = (event: { until: string; reason: string; by: string }): Partial<SurfaceContext> => ({
  maintenance: { until: event.until, reason: event.reason, by: event.by, setAt: instantOf(event) },
});

export const windowAudit = (
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
