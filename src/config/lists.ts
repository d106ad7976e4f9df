import { z } from 'zod';
import { isOwnSource } from './ownSources.ts';
import { ROLES } from './roles.ts';
import { HEADER_SAFE } from './values.ts';

/**
 * Comma-separated lists whose entries have several parts. Blank entries are ignored, but count in the numbers that
 * error messages give to entries. Of one entry only the first error is reported: the others often follow from it.
 */
const listOf = <T>(split: (entry: string) => object, parts: z.ZodType<T>) =>
  z.string().transform((text, context) =>
    text.split(',').flatMap((entry, index) => {
      if (entry.trim() === '') return [];
      const result = parts.safeParse(split(entry));
      if (result.success) return [result.data];
      context.addIssue({ code: 'custom', message: `entry ${index + 1} ${result.error.issues[0]?.message}` });
      return [];
    }),
  );

const role = z.enum(ROLES, 'must have viewer, operator or admin as its role');
const text = (pattern: RegExp, message: string) => z.string(message).trim().regex(pattern, message);

const sourceOfSender = (pattern: RegExp, message: string) =>
  text(pattern, message).refine((source) => !isOwnSource(source), {
    error: ({ input }) => `must not name ${input}, which is a source of the console itself`,
  });

export const ingestTokens = listOf(
  (entry) => {
    const [source, ...token] = entry.split(':');
    return { source, token: token.join(':') };
  },
  z.object({
    source: sourceOfSender(
      /^[a-z0-9][a-z0-9_.-]{0,62}$/,
      'must begin with a source of lower-case letters, digits, _ . -',
    ),
    token: text(HEADER_SAFE, 'must have a token without spaces after the colon'),
  }),
);

export const apiTokens = listOf(
  (entry) => {
    const [name, role, ...token] = entry.split(':');
    return { name, role: role?.trim(), token: token.join(':') };
  },
  z.object({
    name: text(/^[a-z0-9][a-z0-9_.@-]{0,62}$/i, 'must begin with a name of letters, digits, _ . @ -'),
    role,
    token: text(HEADER_SAFE, 'must have a token without spaces after the role'),
  }),
);

// Groups are often names such as urn:example:ops, so the last colon is the one that separates.
export const roleMap = listOf(
  (entry) => {
    const colon = entry.lastIndexOf(':');
    return colon < 0 ? { group: entry } : { group: entry.slice(0, colon), role: entry.slice(colon + 1).trim() };
  },
  z.object({ group: text(/./, 'must have a group before the colon'), role }),
);

type Tokens = { token: string }[] | null;

/** A token that is in two places would stand for two callers. */
export function repeatedTokens(payload: z.core.ParsePayload<{ ingestTokens: Tokens; apiTokens: Tokens }>): void {
  if (payload.issues.length > 0) return;
  const seen = new Set<string>();
  for (const list of ['ingestTokens', 'apiTokens'] as const) {
    for (const [index, { token }] of (payload.value[list] ?? []).entries()) {
      const message = `entry ${index + 1} repeats a token that is already in use`;
      if (seen.has(token)) payload.issues.push({ code: 'custom', path: [list], input: undefined, message });
      seen.add(token);
    }
  }
}
