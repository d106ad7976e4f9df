import { z } from 'zod';
import type { AlertRow } from '../../../model/alerts.ts';
import type { PageOf } from '../../../model/operations.ts';
import { name } from '../openapiRegistry.ts';
import { at, page, severity, ticketState } from './shapes.ts';

export const alert = name(
  'Alert',
  z.object({
    alert_key: z.string(),
    source: z.string(),
    state: z.enum(['firing', 'flapping', 'resolved']),
    severity,
    title: z.string(),
    surface_id: z.string().nullable(),
    url: z.string().nullable(),
    since: at,
    last_seen_at: at.nullable(),
    silent_since: at.nullable(),
    collision: z.boolean(),
    episode: z.int(),
    ticket: ticketState.nullable(),
    no_ticket_reason: z.string().nullable(),
  }),
) satisfies z.ZodType<AlertRow>;

export const alerts = name('Alerts', page(alert)) satisfies z.ZodType<PageOf<AlertRow>>;

export const accepted = name(
  'Accepted',
  z.object({
    accepted: z.int(),
    alerts: z.array(z.object({ alert_key: z.string(), state: z.string(), collision: z.literal(true).optional() })),
  }),
);
