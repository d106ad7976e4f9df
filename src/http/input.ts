import type { z } from 'zod';
import { Problem } from '../lib/problem.ts';

/**
 * Parses `value`. Throws Problem `invalid_field` naming the path of the first invalid field (`alerts.0.severity`),
 * or `root` if the value itself is invalid.
 */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, root: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(unknownKey === undefined ? [] : [unknownKey])];
  const field = path.length === 0 ? root : path.join('.');
  const reason = unknownKey === undefined ? (issue?.message ?? 'Invalid value') : 'Unknown field';
  throw new Problem('invalid_field', `${field}: ${reason}.`, { field });
}

/** Forms send empty fields too; they count as absent. */
export function dropEmptyValues(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}
