import type { GroupRole, Role } from '../config/config.ts';
import { highestOf } from '../config/roles.ts';
import { claimAt, groupsIn } from './groups.ts';

export interface Person {
  /** Permanent and unique at the provider. */
  subject: string;
  /** Recorded in the audit log. */
  name: string;
  /** null if none of the person's groups has a role; the sign-in is then refused. */
  role: Role | null;
}

type Claims = Readonly<Record<string, unknown>>;

const MAX_NAME = 200;

/** The person that the claims describe, with the highest role that `roleMap` gives any of their groups. */
export function personFromClaims(
  subject: string,
  claims: Claims,
  { roleClaim, roleMap }: { roleClaim: string; roleMap: readonly GroupRole[] },
): Person {
  const groups = groupsIn(claimAt(claims, roleClaim));
  const role = highestOf(roleMap.filter(({ group }) => groups.has(group)).map((entry) => entry.role));
  return { subject, name: nameOf(subject, claims), role };
}

/** Whether the claims contain the role claim. */
export const hasRoleClaim = (claims: Claims, roleClaim: string): boolean => claimAt(claims, roleClaim) !== undefined;

/**
 * The e-mail address if it is verified, else the user name, else the subject. Names with spaces are not accepted, so that
 * nobody can be called `local developer`, `command line` or `token ops`, which mean other callers in the audit log.
 */
function nameOf(subject: string, claims: Claims): string {
  const email = claims.email_verified === false ? undefined : claims.email;
  const name = [email, claims.preferred_username].find(isName);
  return name ?? subject.replace(/[\p{C}\p{Z}]/gu, '').slice(0, MAX_NAME);
}

const isName = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= MAX_NAME && /^[^\p{C}\p{Z}]+$/u.test(text);
