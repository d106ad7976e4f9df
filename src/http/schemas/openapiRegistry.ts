import { z } from 'zod';

/** The named schemas of the OpenAPI description. */
export const named = z.registry<{ id: string }>();

/** Names a schema in the OpenAPI description. */
export function name<T extends z.ZodType>(id: string, schema: T): T {
  named.add(schema, { id });
  return schema;
}
