import type { Severity } from './severity.ts';

/** Why the ticket of an alert is suppressed at the moment; it is filed once the reason has ended. */
export type SuppressionReason = 'flag_off' | 'offline' | 'maintenance' | 'dependency' | 'shadow' | 'silenced';
export const SUPPRESSION_REASONS: readonly string[] = [
  'flag_off',
  'offline',
  'maintenance',
  'dependency',
  'shadow',
  'silenced',
] satisfies SuppressionReason[];

/** The start or the end of the suppression of an episode; the latest entry counts. */
export interface Suppression {
  alertKey: string;
  source: string;
  episode: number;
  severity: Severity;
  title: string;
  surfaceId: string | null;
  /** When the episode began. */
  since: string;
  /** Null once the suppression has ended; `over` then contains how. */
  reason: SuppressionReason | null;
  over: 'released' | 'ended' | null;
}
