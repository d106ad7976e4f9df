import { z } from 'zod';
import type { WeekReport } from '../../../model/weekly.ts';
import { name } from '../openapiRegistry.ts';
import { at } from './shapes.ts';

const severityCounts = { alerts: z.int(), P1: z.int(), P2: z.int(), P3: z.int() };
const spread = z.object({
  count: z.int(),
  median_seconds: z.number().nullable(),
  p90_seconds: z.number().nullable(),
});

export const week = name(
  'Week',
  z.object({
    week: z.string(),
    from: at,
    to: at,
    previous: z.string(),
    next: z.string().nullable(),
    alerts: z.object({ ...severityCounts, week_before: z.int() }),
    tickets: z.object({
      filed: z.int(),
      alert: z.int(),
      umbrella: z.int(),
      investigate: z.int(),
      still_open: z.int(),
      incomplete: z.boolean(),
    }),
    time_to_ticket: spread,
    time_to_close: spread,
    held_back: z.array(z.object({ reason: z.string(), active: z.int(), ended: z.int() })),
    sources: z.array(z.object({ source: z.string(), ...severityCounts, tickets: z.int() })),
    surfaces: z.array(
      z.object({ surface_id: z.string(), name: z.string().nullable(), ...severityCounts, tickets: z.int() }),
    ),
    fix_first: z.array(z.object({ what: z.string(), why: z.string(), href: z.string() })),
  }),
) satisfies z.ZodType<WeekReport>;
