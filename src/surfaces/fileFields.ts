import { z } from 'zod';

/** The database stores neither U+0000 nor lone surrogates. */
export const storable = z.string().refine((text) => !/\p{Surrogate}/u.test(text) && !text.includes('\u0000'));
export const line = (max: number) =>
  storable
    .trim()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u);
export const whole = (max: number) => z.int().min(1).max(max);
/** Minutes, 0 for off; at most a week, as REOPEN_WITHIN_MINUTES. */
export const reopenWithin = z.int().min(0).max(10_080);
