import type { EmissionInput } from '../../model/alerts.ts';

/** In which order a sender said things, where they arrive in another one. Pure. */

/** The newest emission of an alert by the sender's clock; null where the sender gave no such time. */
export interface LastEmission {
  alertId: string;
  sentAt: Date | null;
  startedAt: Date | null;
}

/** The last resolution of an id. */
export interface PastResolution {
  /** By the sender's clock; null where it gave no time. */
  sentAt: Date | null;
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
  return isBefore(resolution.at, last.sentAt) || isBefore(resolution.ends_at, last.startedAt);
}

const isBefore = (one: string | undefined, other: Date | null): boolean =>
  one !== undefined && other !== null && Date.parse(one) < other.getTime();

/**
 * Whether the emission was sent before the resolution, and arrived after it. The sender's times decide. Without them a
 * resolution overtakes only if there was nothing to resolve, and only for a minute. Some senders repeat `starts_at` when
 * an alert fires again, so it decides for a minute too.
 */
export function isOvertaken(emission: EmissionInput, { sentAt, ageMs, wasActive }: PastResolution): boolean {
  const isRecent = ageMs < REMEMBERED_MS;
  const sent = emission.at ?? emission.starts_at;
  if (sent === undefined || sentAt === null) return isRecent && !wasActive;
  return Date.parse(sent) <= sentAt.getTime() && (isRecent || emission.at !== undefined);
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
  const newest = state.last?.alertId === alertId ? (state.last.sentAt ?? state.last.startedAt) : null;
  return resolution.sentAt === null || newest === null || newest.getTime() <= resolution.sentAt.getTime();
}
