import type { z } from 'zod';
import { Problem } from '../lib/problem.ts';

/**
 * The value as its schema has it, or a 400 Problem that names the first faulty field by its path
 * (`alerts.0.severity`); `whole` names the value itself where the fault lies in no field of it.
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown, whole: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(unknownKey === undefined ? [] : [unknownKey])];
  const field = path.length === 0 ? whole : path.join('.');
  const reason = unknownKey === undefined ? (issue?.message ?? 'Invalid value') : 'There is no such field';
  throw new Problem('invalid_field', `${field}: ${reason}.`, { field });
}

/** Forms send every field they have; an empty one counts as not given. */
export function withoutEmpty(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}
