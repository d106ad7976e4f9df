import { z } from 'zod';

// Postgres stores no NUL, and half of a surrogate pair is no text: neither may come in.
const NO_CONTROLS = /^[^\p{Cc}\p{Cs}]*$/u;

/** One line of text without control characters. */
export const line = (longest: number) =>
  z.string().min(1).max(longest).regex(NO_CONTROLS, 'Control characters are not allowed');

/** What a person says to others, who learn nothing from blanks. */
export const words = (longest: number) => line(longest).regex(/\S/, 'Expected words, and not only blanks');

export const surfaceId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'Expected lower-case letters, digits and dashes, at most 63');

export const sourceName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_.-]{0,62}$/,
    'Expected lower-case letters, digits, dots, dashes and underscores, at most 63',
  );

/** An instant: RFC 3339 with an offset, or a UTC date (and time) without one. Comes out as a Date. */
export const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.datetime({ local: true }), z.iso.date()], {
    error: 'Expected an instant such as 2026-05-05T14:30:00Z',
  })
  .transform((text) => new Date(/T/.test(text) && !/(Z|[+-]\d\d:?\d\d)$/.test(text) ? `${text}Z` : text))
  .refine((date) => !Number.isNaN(date.getTime()), 'Expected an instant such as 2026-05-05T14:30:00Z');

/** How many rows a page has: 1 to 200. */
export const limit = z
  .string()
  .regex(/^\d{1,3}$/, 'Expected a whole number from 1 to 200')
  .transform(Number)
  .refine((count) => count >= 1 && count <= 200, 'Expected a whole number from 1 to 200')
  .default(50);

export const cursor = line(512).optional();
export const search = line(200).optional();

const WITHOUT_TEXT = /[^\P{Cc}\n\t]|\p{Cs}/gu;

/** Text of a stranger's making: what cannot be stored or shown is left out instead of refusing an alert for it. */
export const foreignText = (longest: number) =>
  z
    .string()
    .max(longest)
    .transform((text) => text.replaceAll('\r\n', '\n').replace(WITHOUT_TEXT, ''));

/** As `foreignText`, on one line and not empty. */
export const foreignLine = (longest: number) =>
  foreignText(longest)
    .transform((text) => text.replace(/\s+/g, ' ').trim())
    .refine((text) => text !== '', 'Expected some text');
