import type { SuppressionReason } from '../../machines/shared/protocol.ts';
import { NOT_SUPPRESSED, type TicketSuppression } from '../../src/alerts/emission.ts';
import type { ActiveSilence } from '../../src/alerts/silences/matching.ts';
import type { Clock } from './clock.ts';
import type { Tables } from './tables.ts';

export type Hold = Extract<SuppressionReason, 'maintenance' | 'dependency' | 'silenced'>;

/** The surface that all alerts of the monitoring system are about. */
export const HELD_SURFACE = 'db';

const SILENCE: ActiveSilence = {
  id: '1',
  matchers: { surface_id: HELD_SURFACE },
  until: '',
  reason: 'disks',
  by: 'eve',
};

/** What suppresses tickets of alerts: the flag, and the maintenance, the upstream outage or a silence of a surface. */
export function createHolds(clock: Clock, tables: Tables) {
  let current: { why: Hold; since: number } | null = null;

  return {
    set(why: Hold | null): void {
      if (why === null) current = null;
      else current = { why, since: current?.since ?? clock.now() };
    },
    isHeld: (): boolean => current !== null,
    silences: (): ActiveSilence[] => (current?.why === 'silenced' ? [SILENCE] : []),
    of: (surfaceId: string | null): TicketSuppression =>
      current !== null && current.why !== 'silenced' && surfaceId === HELD_SURFACE
        ? { held: current.why, under: [] }
        : NOT_SUPPRESSED,
    /** For how long a ticket about this surface has been suppressed without a gap; 0 if it is not. */
    heldMs(surfaceId: string | null): number {
      const flag = tables.flag.at(-1);
      const since = [
        ...(flag?.on === false ? [flag.at] : []),
        ...(current !== null && surfaceId === HELD_SURFACE ? [current.since] : []),
      ];
      return since.length === 0 ? 0 : clock.now() - Math.min(...since);
    },
  };
}

export type Holds = ReturnType<typeof createHolds>;
