import type { EmissionInput } from '../../model/alerts.ts';

/**
 * In which order a sender said things, where they arrive in another one. Pure. The sender's clock and ours differ, so that
 * each instant is compared with its like only: the sender's own where both sides have one, otherwise the arrivals of
 * their requests.
 */

/** The newest emission of an alert. Each instant is null where it is not known. */
export interface LastEmission {
  alertId: string;
  /** By the sender's clock. */
  sentAt: Date | null;
  startedAt: Date | null;
  /** When its request was stored. */
  arrivedAt: Date | null;
}

/** The last resolution of an id. */
export interface PastResolution {
  /** By the sender's clock; null where it gave no time. */
  sentAt: Date | null;
  /** When its request was stored; null for one that was not. */
  arrivedAt: Date | null;
  ageMs: number;
  /** False where the id was not active. */
  wasActive: boolean;
}

/** A resolution of an unknown id is kept in mind for so long. */
const REMEMBERED_MS = 60_000;

/**
 * Whether the sender sent a newer emission of this id than the resolution. Like is compared with like: a problem may well
 * have ended before the sender last reported it.
 */
export function isOutdated(resolution: EmissionInput, last: LastEmission | undefined): boolean {
  if (last?.alertId !== resolution.alert_id) return false;
  if (isBefore(resolution.at, last.sentAt) || isBefore(resolution.ends_at, last.startedAt)) return true;
  const own = resolution.at ?? resolution.ends_at;
  return isLater(last, { sentAt: instant(own), arrivedAt: instant(resolution.arrived_at) });
}

/** Whether the sender sent a newer emission of this id before: what that one says of the alert is then still true. */
export function isLate(emission: EmissionInput, last: Omit<LastEmission, 'startedAt'> | undefined): boolean {
  if (last?.alertId !== emission.alert_id) return false;
  if (emission.at !== undefined && last.sentAt !== null) return isBefore(emission.at, last.sentAt);
  return isBefore(emission.arrived_at, last.arrivedAt);
}

const isBefore = (one: string | undefined, other: Date | null): boolean =>
  one !== undefined && other !== null && Date.parse(one) < other.getTime();

const instant = (sent: string | undefined): Date | null => (sent === undefined ? null : new Date(sent));

/**
 * Whether the emission was sent before the resolution, and arrived after it. The sender's times decide. Some senders
 * repeat `starts_at` when an alert fires again, so it decides for a minute after the resolution only. Without these times,
 * the order of the stored requests decides. Without that, a resolution overtakes only if there was nothing to resolve, and
 * only for a minute.
 */
export function isOvertaken(emission: EmissionInput, resolution: PastResolution): boolean {
  const sent = emission.at ?? emission.starts_at;
  // A request may wait for long, or be replayed: what counts is when it arrived.
  const pause = pauseMs(resolution.arrivedAt, instant(emission.arrived_at));
  if (sent === undefined || resolution.sentAt === null)
    return pause === null ? resolution.ageMs < REMEMBERED_MS && !resolution.wasActive : pause <= 0;
  if (Date.parse(sent) > resolution.sentAt.getTime()) return false;
  return emission.at !== undefined || (pause ?? resolution.ageMs) < REMEMBERED_MS;
}

/** From one arrival to another; negative in the other order. */
const pauseMs = (from: Date | null, to: Date | null): number | null =>
  from === null || to === null ? null : to.getTime() - from.getTime();

/** Whether the emission arrived after the resolution, where the sender's times do not decide: see {@link isOvertaken}. */
function isLater(emission: LastEmission, resolution: Pick<PastResolution, 'sentAt' | 'arrivedAt'>): boolean {
  const pause = pauseMs(resolution.arrivedAt, emission.arrivedAt);
  if (pause === null || (emission.sentAt !== null && resolution.sentAt !== null)) return false;
  return emission.startedAt === null || resolution.sentAt === null ? pause > 0 : pause >= REMEMBERED_MS;
}

/**
 * Whether an id is still firing although the sender resolved it, and sent nothing newer about it since: the end was not
 * delivered. `resolution` overtook an emission of this id.
 */
export function isEndMissing(
  state: { isActive: boolean; ids: readonly string[]; last: LastEmission | undefined } | undefined,
  alertId: string,
  resolution: PastResolution,
): boolean {
  if (!state?.isActive || !state.ids.includes(alertId)) return false;
  if (state.last?.alertId !== alertId) return true;
  const { sentAt, startedAt } = state.last;
  const newest = sentAt ?? startedAt;
  const isNewer = newest !== null && resolution.sentAt !== null && newest.getTime() > resolution.sentAt.getTime();
  return !isNewer && !isLater(state.last, resolution);
}
