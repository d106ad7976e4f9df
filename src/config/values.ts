import { z } from 'zod';

/**
 * What the text of a variable may be, and the value it becomes. Each error message follows the name of the variable in
 * a sentence. No message quotes the text, which may be a secret in the wrong variable.
 */

export function wholeNumber(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  const digits = z.string().regex(/^\d{1,15}$/, message);
  return digits.transform(Number).refine((value) => value >= least && value <= most, message);
}

export const zeroOrOne = z.stringbool({ truthy: ['1'], falsy: ['0'], error: 'must be 0 or 1' });

/** What can be sent in an HTTP header without spaces. */
export const HEADER_SAFE = /^[\x21-\x7e]+$/;

export const headerToken = z
  .string()
  .regex(HEADER_SAFE, 'contains spaces or other characters that cannot be sent in a header');

export const atLeast = (characters: number) => z.string().min(characters, `is shorter than ${characters} characters`);

export const emailAddress = z.string().regex(/^[^\s@<>"]+@[^\s@<>"]+$/, 'must be an e-mail address');

export const slackMember = z.string().regex(/^[A-Z0-9_-]+$/i, 'must be the id of a member, not a name or an address');

// Without the scope openid, the provider does not identify the person.
export const oidcScope = z
  .string()
  .transform((text) => text.split(/\s+/))
  .refine(
    (scopes) => scopes.includes('openid') && scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)),
    'must be names separated by spaces, and openid must be one of them',
  )
  .transform((scopes) => scopes.join(' '));

/** Steps that contain dots are in quotes: `resource_access."my.app".roles`. */
export const claimPath = z
  .string()
  .refine((text) => (text.match(/"/g)?.length ?? 0) % 2 === 0, 'has a quote without its counterpart');

const LEVELS = ['trace', 'debug', 'info', 'warn', 'warning', 'error', 'fatal', 'silent'] as const;

// Log lines say WARNING, pino says warn; both are accepted.
export const logLevel = z
  .string()
  .toLowerCase()
  .pipe(z.enum(LEVELS, 'is not a level'))
  .transform((level) => (level === 'warning' ? 'warn' : level));
