import type { z } from 'zod';
import type { Fault } from '../lib/problem.ts';

/** What is wrong with a value, in words. A schema with a message of its own uses that. */
export function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'Missing' : `Expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `Expected ${oneOf(issue.values.map(String))}`;
    case 'too_small':
      return issue.origin === 'string' && Number(issue.minimum) === 1
        ? 'Expected text that is not empty'
        : `Expected at least ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `Expected at most ${issue.maximum}${unit(issue.origin)}`;
    case 'invalid_format':
      return issue.format === 'datetime' ? 'Expected a time such as 2026-05-05T14:30:00Z' : 'Expected another format';
    case 'invalid_union':
      return 'Expected a value of another form';
    default:
      return undefined;
  }
}

const TYPES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const unit = (origin: string): string => ({ string: ' characters', array: ' entries' })[origin] ?? '';

const oneOf = (values: string[]): string => (values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`);

/**
 * All faults of a value, each with the path of its field (`alerts.0.severity`), or `root` for the value itself. Of one
 * field only the first is reported: the others often follow from it.
 */
export function faultsOf(error: z.ZodError, root: string): Fault[] {
  const seen = new Set<string>();
  return allFaults(error, root).filter(({ field }) => !seen.has(field) && seen.add(field));
}

function allFaults(error: z.ZodError, root: string): Fault[] {
  return error.issues.flatMap((issue) => {
    const at = (path: PropertyKey[]) => (path.length === 0 ? root : path.join('.'));
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: at([...issue.path, key]), message: 'Unknown field' }))
      : [{ field: at(issue.path), message: issue.message }];
  });
}
