import { POLLER_SOURCE } from '../emission.ts';

/**
 * Surfaces may be checked more rarely than the others, and their alerts are emitted with their checks. So the silence of
 * such an alert is judged by the interval of its surface, where that is longer than the limit of the poller.
 */

/** Two emissions may be lost, and the last one late. */
const TIMES = 3;
const LATE_SECONDS = 30;

export const missedSeconds = (intervalSeconds: number): number => TIMES * intervalSeconds + LATE_SECONDS;

/**
 * SQL of the seconds after which an alert of the poller about this surface is silent; null for other alerts, and for
 * surfaces without an interval of their own. Both arguments are SQL expressions.
 */
export const ownLimitSeconds = (source: string, surfaceId: string): string => `(
  select ${TIMES} * (listed.config->>'intervalSeconds')::float8 + ${LATE_SECONDS} from surfaces listed
  where ${source} = '${POLLER_SOURCE}' and listed.id = ${surfaceId})`;
