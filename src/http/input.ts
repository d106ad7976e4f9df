import type { z } from 'zod';
import { type Fault, Problem } from '../lib/problem.ts';
import { faultsOf, inWords } from './faults.ts';

/** Faults that are told at once; the rest is counted. */
const MAX_TOLD = 20;

/** The parsed value, or what is wrong with it. */
export type Checked<T> = { data: T; faults: [] } | { data: null; faults: Fault[] };

export function checkInput<T>(schema: z.ZodType<T>, value: unknown, root: string): Checked<T> {
  const result = schema.safeParse(value, { error: inWords });
  return result.success ? { data: result.data, faults: [] } : { data: null, faults: faultsOf(result.error, root) };
}

/**
 * Parses `value`. Throws Problem `invalid_field` with all faults, each with the path of its field
 * (`alerts.0.severity`), or `root` if the value itself is invalid.
 */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, root: string): T {
  const checked = checkInput(schema, value, root);
  if (checked.data === null && checked.faults.length > 0) throw invalidInput(checked.faults);
  return checked.data as T;
}

/** The Problem for these faults; `field` is that of the first. */
export function invalidInput(faults: readonly Fault[]): Problem {
  const told = faults.slice(0, MAX_TOLD);
  const rest = faults.length - told.length;
  const sentences = told.map(({ field, message }) => `${field}: ${message}.`);
  if (rest > 0) sentences.push(`${rest} more.`);
  return new Problem('invalid_field', sentences.join(' '), { field: faults[0]?.field ?? '', faults: told });
}

/** An error of the body, together with the faults that path and query have. */
export function withFaults(error: unknown, earlier: readonly Fault[]): unknown {
  const isInvalid = error instanceof Problem && error.code === 'invalid_field';
  return earlier.length > 0 && isInvalid ? invalidInput([...earlier, ...error.faults]) : error;
}

/** Forms send empty fields too; they count as absent. */
export function dropEmptyValues(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}
