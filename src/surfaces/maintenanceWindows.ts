import { Temporal } from 'temporal-polyfill';

/** The maintenance windows of the surfaces file, in time. Pure. */

/** Instants in ISO 8601, UTC; `from` null if it has begun already. */
export interface SingleWindow {
  from: string | null;
  until: string;
  reason: string;
}

/** A window on some days of each week, by the clock of a time zone. It ends on the next day if `until` is not after `from`. */
export interface WeeklyWindow {
  /** Days on which it begins: 1 is Monday, 7 is Sunday. */
  days: number[];
  /** Times as HH:MM. */
  from: string;
  until: string;
  timezone: string;
  reason: string;
}

export interface PlannedWindows {
  maintenance: readonly SingleWindow[];
  weeklyMaintenance?: readonly WeeklyWindow[];
}

/** Whether a surface is under maintenance at an instant, and when that is to be asked again. */
export interface WindowState {
  /** Windows that overlap or follow each other without a gap are one, which ends with the last of them. */
  current: { until: string; reason: string } | null;
  /** The next instant at which a window begins or ends; null if none will. */
  nextChangeAt: string | null;
}

interface Interval {
  from: number;
  until: number;
  reason: string;
}

export function windowsAt(planned: PlannedWindows, now: Date): WindowState {
  const at = now.getTime();
  const ahead = [...planned.maintenance.map(once), ...(planned.weeklyMaintenance ?? []).flatMap((w) => around(w, at))]
    .filter(({ until }) => until > at)
    .sort((a, b) => a.from - b.from);
  const open = ahead.filter(({ from }) => from <= at);
  const changes = ahead.flatMap(({ from, until }) => [from, until]).filter((change) => change > at);
  const nextChangeAt = changes.length === 0 ? null : iso(Math.min(...changes));
  const [first] = open.toSorted((a, b) => b.until - a.until);
  if (!first) return { current: null, nextChangeAt };
  let until = first.until;
  for (const next of ahead) if (next.from <= until) until = Math.max(until, next.until);
  return { current: { until: iso(until), reason: first.reason }, nextChangeAt };
}

const once = ({ from, until, reason }: SingleWindow): Interval => ({
  from: from === null ? Number.NEGATIVE_INFINITY : Date.parse(from),
  until: Date.parse(until),
  reason,
});

/** Two weeks ahead, so that the next window is always among them. */
const DAYS_AHEAD = 14;

/** The occurrences that began yesterday or later; no occurrence lasts longer than a day. */
function around(window: WeeklyWindow, at: number): Interval[] {
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(window.timezone).toPlainDate();
  return Array.from({ length: DAYS_AHEAD + 2 }, (_, n) => today.add({ days: n - 2 }))
    .filter((day) => window.days.includes(day.dayOfWeek))
    .map((day) => occurrence(window, day));
}

/**
 * If the clock is set forward, a begin that it skips is at the jump, and an end that it skips as much later as the
 * clock jumps. If the clock is set back, the window begins at the first of two equal times and ends at the second.
 */
function occurrence({ from, until, timezone, reason }: WeeklyWindow, day: Temporal.PlainDate): Interval {
  const begin = day.toPlainDateTime(Temporal.PlainTime.from(from));
  const endDay = until > from ? day : day.add({ days: 1 });
  const end = endDay
    .toPlainDateTime(Temporal.PlainTime.from(until))
    .toZonedDateTime(timezone, { disambiguation: 'later' });
  const shifted = begin.toZonedDateTime(timezone, { disambiguation: 'compatible' });
  const isSkipped = !shifted.toPlainDateTime().equals(begin);
  // One millisecond later, since a time that is itself the jump has none before it.
  const jump = isSkipped ? shifted.add({ milliseconds: 1 }).getTimeZoneTransition('previous') : null;
  const start = jump ?? shifted;
  return { from: start.epochMilliseconds, until: end.epochMilliseconds, reason };
}

const iso = (ms: number): string => new Date(ms).toISOString();
