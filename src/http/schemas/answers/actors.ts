import { z } from 'zod';
import type { ActorDetail, ActorSummary } from '../../../model/actors.ts';
import type { SearchedPage } from '../../../model/operations.ts';
import { name } from '../openapiRegistry.ts';
import { at, history, searchedPage } from './shapes.ts';

const actorFields = {
  id: z.string(),
  kind: z.string(),
  version: z.int(),
  rev: z.int(),
  state: z.unknown(),
  parked: z.string().nullable(),
  updated_at: at,
};

export const actors = name('Actors', searchedPage(z.object(actorFields))) satisfies z.ZodType<
  SearchedPage<ActorSummary>
>;

const effect = z.object({
  id: z.string(),
  src: z.string(),
  status: z.string(),
  attempts: z.int(),
  created_at: at,
  error: z.unknown(),
});

export const actor = name(
  'Actor',
  z.object({
    ...actorFields,
    machine: z.string(),
    context: z.unknown(),
    next_events: z.array(z.string()),
    timers: z.array(z.object({ id: z.string(), event: z.string(), due_at: at })),
    effects: z.array(effect),
    history: z.array(history),
  }),
) satisfies z.ZodType<Omit<ActorDetail, 'chart_svg'>>;
