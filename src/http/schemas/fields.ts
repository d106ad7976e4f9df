import { z } from 'zod';
import { withoutInvisible } from '../../log/invisible.ts';
import { maskSecrets } from '../../log/secretTexts.ts';

// Postgres cannot store NUL, and a lone surrogate is not valid text.
const NO_CONTROLS = /^[^\p{Cc}\p{Cs}]*$/u;

/** One line of text without control characters. */
export const line = (longest: number) =>
  z.string().min(1).max(longest).regex(NO_CONTROLS, 'Control characters are not allowed');

const NOT_BLANK = 'Expected text, not only spaces';

/**
 * Why a person does something: one line in which something can be seen. Characters that reorder or hide text are removed,
 * because tickets contain it. Our secrets in it are masked: viewers read it.
 */
export const writtenReason = line(500)
  .regex(/\S/, NOT_BLANK)
  .transform(withoutInvisible)
  // The joiners stay, but a reader sees nothing of them alone.
  .refine((reason) => /[^\s\p{Default_Ignorable_Code_Point}]/u.test(reason), NOT_BLANK)
  .transform(maskSecrets);

export const surfaceId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'Expected lower-case letters, digits and dashes, at most 63 characters');

export const sourceName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_.-]{0,62}$/,
    'Expected lower-case letters, digits, dots, dashes and underscores, at most 63 characters',
  );

const INVALID_TIME = 'Expected a time such as 2026-05-05T14:30:00Z';

/** A time: RFC 3339 with an offset, or a UTC date (and time) without one. Parsed to a Date. */
export const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.datetime({ local: true }), z.iso.date()], {
    error: INVALID_TIME,
  })
  .transform((text) => new Date(/T/.test(text) && !/(Z|[+-]\d\d:?\d\d)$/.test(text) ? `${text}Z` : text))
  .refine((date) => !Number.isNaN(date.getTime()), INVALID_TIME);

/** Rows per page, 1 to 200. */
export const limit = z
  .string()
  .regex(/^\d{1,3}$/, 'Expected a whole number from 1 to 200')
  .transform(Number)
  .refine((count) => count >= 1 && count <= 200, 'Expected a whole number from 1 to 200')
  .default(50);

export const cursor = line(512).optional();
export const search = line(200).optional();
