import { z } from 'zod';
import { name } from '../openapiRegistry.ts';

/** Parts that several responses share. */

export const at = z.string().meta({ format: 'date-time' });

export const status = z.enum(['OPERATIONAL', 'DEGRADED', 'DOWN', 'MAINTENANCE', 'UNKNOWN']);

export const severity = z.enum(['P1', 'P2', 'P3']);

export const page = <T extends z.ZodType>(row: T) =>
  z.object({ rows: z.array(row), next_cursor: z.string().nullable() });

export const searchedPage = <T extends z.ZodType>(row: T) => page(row).extend({ searched_since: at.optional() });

export const details = z.record(z.string(), z.unknown());

export const ticketState = name(
  'Ticket',
  z.object({
    id: z.int(),
    url: z.string(),
    filed_at: at,
    status: z.string().nullable(),
    assignee: z.string().nullable(),
    last_reply_at: at.nullable(),
    looked_at: at.nullable(),
    shared_with: z.int().nullable(),
  }),
);

export const history = z.object({
  at,
  event: z.string(),
  event_id: z.string().nullable(),
  from: z.unknown(),
  to: z.unknown(),
  summary: z.string(),
});
