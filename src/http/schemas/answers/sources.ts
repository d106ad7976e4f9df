import { z } from 'zod';
import type { ShadowList, SourceRow } from '../../../model/senders.ts';
import { name } from '../openapiRegistry.ts';
import { refusalKind } from './people.ts';
import { at } from './shapes.ts';

const source = name(
  'Source',
  z.object({
    id: z.string(),
    sender: z.string().nullable(),
    sender_title: z.string().nullable(),
    declared: z.boolean(),
    shadow: z.boolean(),
    last_request_at: at.nullable(),
    last_alert_at: at.nullable(),
    requests_last_hour: z.int(),
    alerts_last_hour: z.int(),
    refused_last_hour: z.int(),
    seen_last_hour: z.int(),
    refused_requests: z.array(z.object({ reason: refusalKind, times: z.int(), last_at: at })),
    not_understood: z.int(),
    left_out_last_day: z.int(),
    waiting: z.int(),
    lag_seconds: z.int(),
    url: z.string().nullable(),
    block: z.string().nullable(),
    can_test: z.boolean(),
  }),
) satisfies z.ZodType<SourceRow>;

const shadow = name(
  'Shadow',
  z.object({
    sources: z.array(z.string()),
    surfaces: z.array(z.string()),
    tickets_total: z.int(),
    tickets: z.array(
      z.object({
        source: z.string(),
        surface_id: z.string().nullable(),
        alert_key: z.string().nullable(),
        severity: z.string().nullable(),
        subject: z.string(),
        text: z.string(),
        on_umbrella: z.boolean(),
        composed_at: at,
      }),
    ),
    messages_total: z.int(),
    messages: z.array(
      z.object({
        source: z.string(),
        surface_id: z.string().nullable(),
        kind: z.string(),
        headline: z.string(),
        composed_at: at,
      }),
    ),
  }),
) satisfies z.ZodType<ShadowList>;

export const sources = name('Sources', z.object({ sources: z.array(source), shadow }));

export const tested = name('Tested', z.object({ source: z.string(), tested: z.literal(true) }));
