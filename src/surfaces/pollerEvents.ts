import { surfaceActor } from '../../machines/shared/actorId.ts';
import type { SurfaceContext } from '../../machines/surface/types.ts';
import type { Delivered, Message } from '../actors/messages.ts';
import type { RecordedCheck } from './checks.ts';
import type { SurfaceConfig } from './surfacesFile.ts';

/** Turns checks into messages for the actors of their surfaces. */

export interface ClaimedSurface {
  id: string;
  config: SurfaceConfig;
  claimed_at: Date;
}

export interface CheckedSurface {
  surface: ClaimedSurface;
  check: RecordedCheck;
}

/** Marks maintenance that the file set, so that maintenance by an operator is not ended by the file. */
const SET_BY_FILE = 'surfaces file';

function windowOf({ surface: { config, claimed_at } }: CheckedSurface) {
  const now = claimed_at.toISOString();
  return config.maintenance.find(({ from, until }) => (from === null || from <= now) && now < until);
}

/** Settings that hold for every surface. */
export interface CheckPolicy {
  flap?: { maxOutages: number; windowMs: number };
}

export function eventsOf(result: CheckedSurface, { flap }: CheckPolicy): Message[] {
  const { id, config } = result.surface;
  const { outcome, error } = result.check;
  const to = surfaceActor(id);
  const { name, failuresToOpen, successesToClose, severity } = config;
  const window = windowOf(result);
  const checked: Message = {
    to,
    event: {
      type: 'CHECKED',
      outcome,
      error,
      name,
      failuresToOpen,
      successesToClose,
      severity,
      ...(flap && { flap }),
    },
  };
  if (!window) return [checked];
  const maintenance: Message = {
    to,
    event: { type: 'MAINTENANCE_SET', until: window.until, reason: window.reason, by: SET_BY_FILE },
    // Delivered once per window, so that an operator can end it early.
    eventId: `window:${window.from ?? ''}:${window.until}`,
  };
  return [maintenance, checked];
}

/** Ends maintenance that the file set and that has no window in the file any more. */
export function maintenanceEndings(batch: readonly CheckedSurface[], delivered: readonly Delivered[]): Message[] {
  const windowless = new Set(batch.filter((each) => !windowOf(each)).map(({ surface }) => surfaceActor(surface.id)));
  return delivered.flatMap(({ message: { to }, snapshot }) => {
    const by = (snapshot?.context as SurfaceContext | undefined)?.maintenance?.by;
    return by === SET_BY_FILE && windowless.has(to)
      ? [{ to, event: { type: 'MAINTENANCE_ENDED', by: SET_BY_FILE } }]
      : [];
  });
}
