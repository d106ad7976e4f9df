import { z } from 'zod';
import type { BulkReplay, DeadLetter } from '../../../model/deadLetters.ts';
import type { PageOf } from '../../../model/operations.ts';
import { name } from '../openapiRegistry.ts';
import { at, page } from './shapes.ts';

export const deadLetter = name(
  'DeadLetter',
  z.object({
    id: z.string(),
    actor_id: z.string(),
    title: z.string().nullable(),
    src: z.string(),
    kind: z.string(),
    reason: z.string(),
    input: z.unknown(),
    payload: z.unknown(),
    edited: z.boolean(),
    attempts: z.int(),
    error: z.unknown(),
    history: z.unknown(),
    finished_at: at,
  }),
) satisfies z.ZodType<DeadLetter>;

export const deadLetters = name('DeadLetters', page(deadLetter).extend({ total: z.int() })) satisfies z.ZodType<
  PageOf<DeadLetter>
>;

export const bulkReplay = name(
  'BulkReplay',
  z.object({ replayed: z.int(), refused: z.array(z.object({ id: z.string(), message: z.string() })) }),
) satisfies z.ZodType<BulkReplay>;

export const discarded = name('Discarded', z.object({ id: z.string(), discarded: z.literal(true) }));

export const replayed = name('Replayed', z.object({ id: z.string(), replayed: z.literal(true) }));
