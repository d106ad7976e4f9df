import type { surfaceMachine } from '../../../machines/surface/machine.ts';
import type { Policy, Status } from '../../../machines/surface/types.ts';
import { type ChildState, projectionOf } from './projection.ts';

export const surfaceSql = projectionOf<typeof surfaceMachine>();

/** Whether an outage is confirmed. */
export const isInOutage = (state?: string): string => surfaceSql.isWithin('health.outage', state);

/** Whether the surface fails its checks, confirmed or not. */
export const isFailing = (state?: string): string =>
  `(${isInOutage(state)} or ${surfaceSql.isIn('health.suspect', state)})`;

export const isInMaintenance = (state?: string): string => surfaceSql.isIn('maintenance.on', state);

/** Whether it fails or is under maintenance: as the index of those actors has it. */
export const isTroubled = (state?: string): string =>
  `(${isInOutage(state)} or ${surfaceSql.isIn('health.suspect', state)} or ${isInMaintenance(state)})`;

/** How bad a confirmed outage is. */
export type OutageStep = ChildState<typeof surfaceMachine, 'health.outage'>;

/** The OutageStep in a state value, as text; null if there is no confirmed outage. */
export const outageStep = (state: string): string => surfaceSql.childOf('health.outage', state);

export const hasStatus = (status: Status, context?: string): string =>
  `${surfaceSql.text('status', context)} = '${status}'`;

/**
 * Whether a surface that is not watched any more has to be told: its status is known, or it has an alert. That about its
 * certificate may be active before enough checks have shown a status.
 */
export const isToBeRetired = (state: string, context: string): string =>
  `(not ${hasStatus('UNKNOWN', context)} or ${surfaceSql.isIn('certificate.expiring', state)})`;

/** The severity at which the status of a surface in an outage raises an alert; null if it raises none. */
export function outageSeverity(context: string): string {
  const severity = (of: keyof Policy['severity']) => `${surfaceSql.json('policy.severity', context)}->>'${of}'`;
  return `case ${surfaceSql.text('status', context)} when 'DOWN' then ${severity('down')} else ${severity('degraded')} end`;
}
