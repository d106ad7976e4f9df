import { surfaceActor } from '../../machines/shared/actorId.ts';
import type { Certificate } from '../../machines/surface/types.ts';
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
  /** Stored already, while its actor could not be reached. */
  stored?: boolean;
}

/** Settings that hold for every surface that has none of its own. */
export interface CheckPolicy {
  flap?: { maxOutages: number; windowMs: number };
  reopenWithinMinutes?: number;
}

export function checkedEvent(result: CheckedSurface, { flap, ...policy }: CheckPolicy): Message {
  const { id, config } = result.surface;
  const { outcome, error } = result.check;
  const to = surfaceActor(id);
  const { name, failuresToOpen, successesToClose, severity, unstableWindow } = config;
  // A file that an earlier release stored lacks this.
  const { retryAfterGraceSeconds = 600 } = config;
  const reopenWithin = config.reopenWithinMinutes ?? policy.reopenWithinMinutes ?? 0;
  const certificate = certificateOf(result);
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
      ...(reopenWithin > 0 && { reopenWithinMs: reopenWithin * 60_000 }),
      ...(unstableWindow !== undefined && { unstableWindow }),
      overloadGraceMs: retryAfterGraceSeconds * 1_000,
      ...(result.check.overloaded && { overloaded: true }),
      ...(certificate !== undefined && { certificate }),
    },
  };
}

const DAY_MS = 86_400_000;

/** Undefined if the check shows nothing about it; null after an answer without TLS, as of a surface that was moved to http. */
function certificateOf({ surface: { config }, check }: CheckedSurface): Certificate | null | undefined {
  const { certificateExpiresAt: expiresAt, httpStatus } = check;
  if (expiresAt === undefined) return httpStatus !== null && /^http:/i.test(config.url) ? null : undefined;
  const days = (Date.parse(expiresAt) - check.at.getTime()) / DAY_MS;
  return { expiresAt, soon: days < (config.tlsExpiryDays ?? 0) };
}
