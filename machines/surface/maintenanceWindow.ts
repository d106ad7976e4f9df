import { type AuditEntry, instantOf } from '../shared/protocol.ts';
import type { Maintenance, SurfaceContext } from './types.ts';

/**
 * The maintenance windows of a surface: one by the surfaces file and one by each operator. They add up: maintenance lasts
 * until the last of them ends. Pure.
 */

type Change = Partial<SurfaceContext>;
interface Windows {
  file: Maintenance | null;
  operators: readonly Maintenance[];
}

export interface WindowEvent {
  until: string;
  reason: string;
  by: string;
}

/** Marks windows of the surfaces file. */
export const SET_BY_FILE = 'surfaces file';

/** Snapshots of releases before 0.2 have one window only. */
function windowsOf({ windows, maintenance }: SurfaceContext): Windows {
  if (!windows) return withWindow({ file: null, operators: [] }, maintenance);
  const { file, operator, others = [] } = windows;
  return { file, operators: operator ? [operator, ...others] : others };
}

/** It replaces the one that the same operator set before. */
function withWindow({ file, operators }: Windows, window: Maintenance | null): Windows {
  if (window === null) return { file, operators };
  if (window.by === SET_BY_FILE) return { file: window, operators };
  return { file, operators: [window, ...operators.filter(({ by }) => by !== window.by)] };
}

/** Milliseconds from the event to the end of the last window. */
export const windowLength = ({ maintenance }: SurfaceContext, event: object): number =>
  maintenance ? Math.max(0, Date.parse(maintenance.until) - Date.parse(instantOf(event) || maintenance.setAt)) : 0;

/** An operator may set any window again. One of the file is new unless it is in force, or a person ended it early. */
export function isNewWindow(context: SurfaceContext, { until, reason, by }: WindowEvent): boolean {
  if (by !== SET_BY_FILE) return true;
  const { file } = windowsOf(context);
  return context.dismissed !== until && (file?.until !== until || file.reason !== reason);
}

export function windowSet(context: SurfaceContext, event: WindowEvent): Change {
  const { until, reason, by } = event;
  const window: Maintenance = { until, reason, by, setAt: instantOf(event) };
  // The file was edited since a person ended its window. If that edit is taken back, the old end is a new one.
  const isEdited = by === SET_BY_FILE && context.dismissed;
  return {
    ...lasting(context, withWindow(windowsOf(context), window), event),
    ...(isEdited && { dismissed: null }),
  };
}

/** Whether maintenance goes on after this end: a person ends all windows, the file only its own. */
export const hasOtherWindow = (context: SurfaceContext, event: { by: string }): boolean =>
  windowEnded(context, event).maintenance !== null;

export function windowEnded(context: SurfaceContext, event: { by: string }): Change {
  const windows = windowsOf(context);
  if (event.by === SET_BY_FILE) return lasting(context, { ...windows, file: null }, event);
  const isOpen = windows.file !== null && windows.file.until > instantOf(event);
  return { ...cleared(context), ...(isOpen && { dismissed: windows.file?.until ?? null }) };
}

/** Whether this end changes anything: the file ends its own windows, and those whose time is over. */
export const endsWindow = (context: SurfaceContext, event: { by: string }): boolean =>
  event.by !== SET_BY_FILE || windowsOf(context).file !== null || !hasOtherWindow(context, event);

export const cleared = ({ windows }: SurfaceContext): Change => ({
  maintenance: null,
  checksInService: 0,
  ...(windows && { windows: null }),
});

/** The window that ends last is the one that is shown. All are kept only while there are several. */
function lasting(context: SurfaceContext, windows: Windows, event: object): Change {
  const now = instantOf(event);
  const isOpen = ({ until }: Maintenance): boolean => until > now;
  const file = windows.file !== null && isOpen(windows.file) ? windows.file : null;
  const [operator = null, ...others] = windows.operators.filter(isOpen).toSorted(byEnd);
  const maintenance = (file?.until ?? '') > (operator?.until ?? '') ? file : operator;
  const areSeveral = others.length > 0 || (file !== null && operator !== null);
  const several = { windows: { file, operator, ...(others.length > 0 && { others }) } };
  const kept = areSeveral ? several : context.windows ? { windows: null } : {};
  return { maintenance, ...kept, ...(maintenance === null && { checksInService: 0 }) };
}

/** The last first. */
const byEnd = (a: Maintenance, b: Maintenance): number => Date.parse(b.until) - Date.parse(a.until);

export const windowAudit = (
  { surfaceId }: SurfaceContext,
  what: 'started' | 'ended',
  by: string,
  window: { until: string; reason: string } | null,
): AuditEntry[] => [
  {
    action: `console.surfaces.maintenance_${what}`,
    payload: { surface_id: surfaceId, until: window?.until ?? null, reason: window?.reason ?? null },
    actor: by,
  },
];
