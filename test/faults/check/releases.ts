import type { FinalState } from '../finalState.ts';
import type { Ledger } from '../ledger.ts';
import { type Violation, violation } from './verdict.ts';

export interface ReleaseCounts {
  /** Releases that were deployed, rolled back, and deployed to all processes. */
  deploys: number;
  takenByOlder: number;
  takenTooNew: number;
  newEffects: number;
  /** Events that an older process left to a newer one, and the longest wait in seconds. */
  waits: number;
  longestWait: number;
  /** Effects that waited for the newer release at the end of the rollbacks. */
  waitingEffects: number;
  reports: number;
}

/**
 * Checks that processes of an older release took nothing that only a newer one knows, wrote over nothing of it, lost
 * nothing that they left to it, and said so.
 */
export function checkReleases(
  { releases: { takenByOlder, takenTooNew, newEffects, waits, overwritten } }: Pick<FinalState, 'releases'>,
  { deploys, newerReports }: Pick<Ledger, 'deploys' | 'newerReports'>,
): { violations: Violation[]; counts: ReleaseCounts } {
  const over = waits.flatMap(({ from, until }) => (until === null ? [] : [until - from]));
  return {
    violations: [
      ...(takenTooNew > 0
        ? [violation('took_newer', `${takenTooNew} jobs of a newer release were taken by processes of an older one`)]
        : []),
      ...overwritten.map((id) => violation('overwrote_newer', `a process of an older release wrote over ${id}`)),
      ...waits.flatMap(({ key, until }) =>
        until === null ? [violation('lost_event', `an event of ${key} still waits for a newer process`)] : [],
      ),
      ...(waits.length > 0 && newerReports === 0
        ? [violation('unreported', `${waits.length} events were left to a newer release, and no process reported it`)]
        : []),
    ],
    counts: {
      deploys: deploys.length,
      ...{ takenByOlder, takenTooNew, newEffects },
      waits: waits.length,
      longestWait: Math.round(Math.max(0, ...over) / 100) / 10,
      waitingEffects: deploys.reduce((sum, { waiting }) => sum + (waiting?.effects ?? 0), 0),
      reports: newerReports,
    },
  };
}
