import { z } from 'zod';
import type { SourceRow } from '../../../model/senders.ts';
import { name } from '../openapiRegistry.ts';
import { at } from './shapes.ts';

const source = name(
  'Source',
  z.object({
    id: z.string(),
    sender: z.string().nullable(),
    sender_title: z.string().nullable(),
    declared: z.boolean(),
    last_request_at: at.nullable(),
    last_alert_at: at.nullable(),
    requests_last_hour: z.int(),
    alerts_last_hour: z.int(),
    refused_last_hour: z.int(),
    not_understood: z.int(),
    left_out_last_day: z.int(),
    waiting: z.int(),
    lag_seconds: z.int(),
    url: z.string().nullable(),
    block: z.string().nullable(),
    can_test: z.boolean(),
  }),
) satisfies z.ZodType<SourceRow>;

export const sources = name('Sources', z.object({ sources: z.array(source) }));

export const tested = name('Tested', z.object({ source: z.string(), tested: z.literal(true) }));
