import { z } from 'zod';
import type { AlertList, AlertRow, AlertStory } from '../../../model/alerts.ts';
import { name } from '../openapiRegistry.ts';
import { at, history, searchedPage, severity, ticketState } from './shapes.ts';

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
    silenced: z.object({ id: z.string(), until: at, reason: z.string(), by: z.string() }).nullable(),
    collision: z.boolean(),
    episode: z.int(),
    ticket: ticketState.nullable(),
    ticket_continued: z.literal(true).optional(),
    no_ticket_reason: z.string().nullable(),
  }),
) satisfies z.ZodType<AlertRow>;

export const alerts = name(
  'Alerts',
  searchedPage(alert).extend({ active: z.object({ P1: z.int(), P2: z.int(), P3: z.int() }) }),
) satisfies z.ZodType<AlertList>;

export const alertStory = name(
  'AlertStory',
  z.object({
    ...alert.shape,
    surface_name: z.string().nullable(),
    details: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    periods: z.array(z.object({ began_at: at.nullable(), ended_at: at.nullable(), tickets: z.array(ticketState) })),
    messages: z.array(
      z.object({ kind: z.string(), recipient: z.string().nullable(), created_at: at, sent_at: at.nullable() }),
    ),
    escalates_at: at.nullable(),
    history: z.array(history),
  }),
) satisfies z.ZodType<AlertStory>;

const remarks = z.array(z.object({ index: z.int().nullable(), field: z.string(), message: z.string() })).optional();
const mark = z.literal(true).optional();

export const accepted = name(
  'Accepted',
  z.object({
    accepted: z.int(),
    alerts: z.array(
      z.object({
        alert_key: z.string(),
        state: z.string(),
        collision: mark,
        severity_assumed: mark,
        unknown_surface: mark,
        unknown_id: mark,
        out_of_order: mark,
      }),
    ),
    rejected: remarks,
    warnings: remarks,
  }),
);

export const resolvedByHand = name('ResolvedByHand', z.object({ alert_key: z.string(), state: z.literal('resolved') }));
