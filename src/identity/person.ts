import type { GroupRole, Role } from '../config/config.ts';
import { highestOf } from '../config/roles.ts';

export interface Person {
  /** Never changes, and is nobody else's at this provider. */
  subject: string;
  /** Stands in the audit log as the one who did it. */
  name: string;
  /** null: none of the person's groups has one, so there is no way in. */
  role: Role | null;
}

type Claims = Readonly<Record<string, unknown>>;

const LONGEST_NAME = 200;

/** Whom the provider's claims are about, and the highest role that the map gives any of their groups. */
export function personOf(
  subject: string,
  claims: Claims,
  { roleClaim, roleMap }: { roleClaim: string; roleMap: readonly GroupRole[] },
): Person {
  const groups = new Set(textsOf(claimAt(claims, roleClaim)));
  const role = highestOf(roleMap.filter(({ group }) => groups.has(group)).map((entry) => entry.role));
  return { subject, name: nameOf(subject, claims), role };
}

/** Whether the claims say anything about groups at all. */
export const namesGroups = (claims: Claims, roleClaim: string): boolean => claimAt(claims, roleClaim) !== undefined;

/** A claim by its very name, which may contain dots as addresses do, or else by its path: `realm_access.roles`. */
function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let found: unknown = claims;
  for (const step of name.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return found;
}

function textsOf(claim: unknown): string[] {
  const several: unknown[] = Array.isArray(claim) ? claim : [claim];
  return several.filter((each) => typeof each === 'string');
}

/**
 * An address or a user name, else the subject. None of them has a blank in it, so that nobody can call themselves
 * `local developer`, `command line` or `token ops`; an address that the provider calls unverified names nobody.
 */
function nameOf(subject: string, claims: Claims): string {
  const email = claims.email_verified === false ? undefined : claims.email;
  const name = [email, claims.preferred_username].find(isName);
  return name ?? subject.replace(/[\p{C}\p{Z}]/gu, '').slice(0, LONGEST_NAME);
}

const isName = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= LONGEST_NAME && /^[^\p{C}\p{Z}]+$/u.test(text);
