import { type AuditEntry, instantOf } from '../shared/protocol.ts';
import type { Maintenance, SurfaceContext } from './types.ts';

/**
 * The maintenance windows of a surface: one by the surfaces file and one by an operator. They add up: maintenance lasts
 * until the last of them ends. Pure.
 */

type Change = Partial<SurfaceContext>;
type Windows = NonNullable<SurfaceContext['windows']>;

export interface WindowEvent {
  until: string;
  reason: string;
  by: string;
}

/** Marks windows of the surfaces file. */
export const SET_BY_FILE = 'surfaces file';

const slotOf = (by: string): keyof Windows => (by === SET_BY_FILE ? 'file' : 'operator');

/** Snapshots of releases before 0.2 have one window only. */
const windowsOf = ({ windows, maintenance }: SurfaceContext): Windows =>
  windows ?? { file: null, operator: null, ...(maintenance && { [slotOf(maintenance.by)]: maintenance }) };

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
    ...lasting(context, { ...windowsOf(context), [slotOf(by)]: window }, event),
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

/** The window that ends last is the one that is shown. Both are kept only while there are two. */
function lasting(context: SurfaceContext, { file, operator }: Windows, event: object): Change {
  const now = instantOf(event);
  const open = (window: Maintenance | null) => (window !== null && window.until > now ? window : null);
  const windows = { file: open(file), operator: open(operator) };
  const isFile = (windows.file?.until ?? '') > (windows.operator?.until ?? '');
  const isBoth = windows.file !== null && windows.operator !== null;
  const kept = isBoth ? { windows } : context.windows ? { windows: null } : {};
  const maintenance = isFile ? windows.file : windows.operator;
  return { maintenance, ...kept, ...(maintenance === null && { checksInService: 0 }) };
}

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
