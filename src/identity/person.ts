import type { GroupRole, Role } from '../config/config.ts';
import { highestOf } from '../config/roles.ts';
import { claimAt, groupsIn } from './groups.ts';

export interface Person {
  /** Permanent and unique at the provider. */
  subject: string;
  /** For display, and for the audit log once it is claimed. */
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
 * The verified e-mail address; else the address or user name that the provider sent, marked as unverified and with the
 * subject, because people may choose those themselves. Neither form can be the name of a part of the program, such as
 * `console`, or of another kind of caller, such as `token ops`.
 */
function nameOf(subject: string, claims: Claims): string {
  const { email, email_verified: verified, preferred_username: userName } = claims;
  if ((verified === true || verified === 'true') && isName(email) && email.includes('@')) return email;
  const shownSubject = subject.replace(/[\p{C}\p{Z}]/gu, '').slice(0, MAX_NAME);
  const claimed = [verified === undefined ? email : undefined, userName].find(isName);
  return claimed === undefined ? `subject ${shownSubject}` : `${claimed} (unverified, ${shownSubject})`;
}

const isName = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= MAX_NAME && /^[^\p{C}\p{Z}]+$/u.test(text);
