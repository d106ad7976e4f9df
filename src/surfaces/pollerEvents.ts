import { surfaceActor } from '../../machines/shared/actorId.ts';
import type { Message } from '../actors/messages.ts';
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

/** Settings that hold for every surface. */
export interface CheckPolicy {
  flap?: { maxOutages: number; windowMs: number };
}

export function checkedEvent(result: CheckedSurface, { flap }: CheckPolicy): Message {
  const { id, config } = result.surface;
  const { outcome, error } = result.check;
  const to = surfaceActor(id);
  const { name, failuresToOpen, successesToClose, severity } = config;
  return {
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
}
