import { z } from 'zod';
import type { PageOf } from '../../../model/operations.ts';
import type { Silence } from '../../../model/silences.ts';
import { name } from '../openapiRegistry.ts';
import { at, page } from './shapes.ts';

const matchers = z.object({
  source: z.string().optional(),
  surface_id: z.string().optional(),
  alert_key: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
});

export const silence = name(
  'Silence',
  z.object({
    id: z.string(),
    matchers,
    reason: z.string(),
    state: z.enum(['active', 'ended']),
    until: at,
    created_at: at,
    created_by: z.string(),
    ended_at: at.nullable(),
    ended_by: z.string().nullable(),
    alerts: z.int().nullable(),
  }),
) satisfies z.ZodType<Silence>;

export const silences = name('Silences', page(silence)) satisfies z.ZodType<PageOf<Silence>>;
