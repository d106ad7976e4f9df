import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { line } from './fileFields.ts';

const instant = z
  // Seconds are optional.
  .union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })])
  .transform((text) => new Date(text).toISOString());

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const dayOfWeek = z.string().transform((text, ctx) => {
  const day = DAYS.findIndex((name) => name === text.toLowerCase() || name.slice(0, 3) === text.toLowerCase());
  if (day < 0) ctx.addIssue({ code: 'custom', message: 'not a day' });
  return day + 1;
});
const everyDay = z.literal('day').transform(() => DAYS.map((_, n) => n + 1));
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const timezone = z.string().refine(isTimeZone);

/** Node.js also accepts ambiguous abbreviations such as IST, in which Temporal computes no windows. */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** On some days of each week, by the clock of a time zone. */
const weekly = z
  .strictObject({
    every: z.union([everyDay, dayOfWeek.transform((day) => [day]), z.array(dayOfWeek).min(1).max(7)]),
    from: timeOfDay,
    until: timeOfDay,
    timezone,
    reason: line(500),
  })
  .refine(({ from, until }) => from !== until, { path: ['until'] })
  .transform(({ every, ...rest }) => ({ days: every, ...rest }));

const once = z
  .strictObject({ from: instant.nullable().default(null), until: instant, reason: line(500) })
  .refine(({ from, until }) => from === null || until > from, { path: ['until'] });

type Window = z.output<typeof once> | z.output<typeof weekly>;
export const isWeekly = (window: Window): window is z.output<typeof weekly> => 'days' in window;
export const isOnce = (window: Window): window is z.output<typeof once> => !isWeekly(window);

/** Each entry has the errors of the kind that it is. */
export const maintenance = z.unknown().transform((entry, ctx) => {
  const read =
    typeof entry === 'object' && entry !== null && 'every' in entry ? weekly.safeParse(entry) : once.safeParse(entry);
  if (read.success) return read.data;
  for (const issue of read.error.issues) ctx.issues.push({ ...issue, input: entry } as z.core.$ZodRawIssue);
  return z.NEVER;
});
