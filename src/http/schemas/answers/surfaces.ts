import { z } from 'zod';
import type { InvestigateAnswer, StatusGrid, SurfaceStory } from '../../../model/surfaces.ts';
import { name } from '../openapiRegistry.ts';
import { alert } from './alerts.ts';
import { at, history, status, ticketState } from './shapes.ts';

const tileFields = {
  id: z.string(),
  name: z.string(),
  group: z.string().nullable(),
  status,
  since: at.nullable(),
  was: status.nullable(),
  ticket: ticketState.nullable(),
  no_ticket_reason: z.string().nullable(),
  earlier_tickets: z.array(ticketState),
  recovered_ticket_open: z.boolean(),
  recovered_ticket: ticketState.nullable(),
  maintenance: z.object({ until: at, reason: z.string(), by: z.string() }).nullable(),
  last_check: z.object({ at, latency_ms: z.number().nullable(), error: z.string().nullable() }).nullable(),
  recent: z.array(z.number().nullable()),
  days: z.object({ letters: z.string(), uptime: z.number().nullable(), known: z.int() }),
};

const counts = z.object({
  OPERATIONAL: z.int(),
  DEGRADED: z.int(),
  DOWN: z.int(),
  MAINTENANCE: z.int(),
  UNKNOWN: z.int(),
});

export const statusCounts = name('StatusCounts', z.object({ counts }));

export const board = name(
  'Board',
  z.object({
    surfaces: z.array(z.object(tileFields)),
    counts,
    recovered_with_open_ticket: z.int(),
    generated_at: at,
  }),
) satisfies z.ZodType<StatusGrid>;

export const surfaceStory = name(
  'SurfaceStory',
  z.object({
    ...tileFields,
    url: z.string(),
    certificate_expires_at: at.nullable(),
    tickets: z.array(
      z.object({
        ...ticketState.shape,
        path: z.enum(['investigate', 'alert', 'umbrella']),
        subject: z.string(),
        joined_at: at.nullable(),
      }),
    ),
    alerts: z.array(alert),
    outages: z.array(
      z.object({
        began_at: at.nullable(),
        ended_at: at.nullable(),
        worst: z.enum(['DEGRADED', 'DOWN']),
        tickets: z.array(z.int()),
      }),
    ),
    day_counts: z.array(
      z.object({
        day: z.string(),
        operational: z.int(),
        degraded: z.int(),
        down: z.int(),
        maintenance: z.int(),
      }),
    ),
    checks: z.array(
      z.object({
        at,
        outcome: z.string(),
        latency_ms: z.number().nullable(),
        http_status: z.int().nullable(),
        error: z.string().nullable(),
      }),
    ),
    latency: z
      .object({
        from: at,
        to: at,
        bucket_seconds: z.int(),
        points: z.array(
          z.object({
            at,
            median_ms: z.number().nullable(),
            max_ms: z.number().nullable(),
            checks: z.int(),
            unanswered: z.int(),
          }),
        ),
      })
      .nullable(),
    history: z.array(history),
  }),
) satisfies z.ZodType<SurfaceStory>;

export const investigation = name(
  'Investigation',
  z.discriminatedUnion('degraded', [
    z.object({
      surface_id: z.string(),
      status,
      ticket_id: z.int(),
      ticket_url: z.string(),
      idempotent: z.boolean(),
      degraded: z.literal(false),
    }),
    z.object({ surface_id: z.string(), status, degraded: z.literal(true), reason: z.string(), message: z.string() }),
  ]),
) satisfies z.ZodType<InvestigateAnswer>;

export const maintenance = name(
  'Maintenance',
  z.object({
    surface_id: z.string(),
    maintenance: z.object({ until: at, reason: z.string(), by: z.string() }).nullable(),
  }),
);
