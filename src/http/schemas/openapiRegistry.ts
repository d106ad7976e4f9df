import { z } from 'zod';

/** The shapes that the API description lists by name. */
export const named = z.registry<{ id: string }>();

/** Gives a schema its name in the API description. */
export function name<T extends z.ZodType>(id: string, schema: T): T {
  named.add(schema, { id });
  return schema;
}
