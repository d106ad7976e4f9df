import type { Role } from './types.ts';

/** From the one that may least to the one that may most; each may what those before it may. */
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];

export const isRole = (text: string): text is Role => ROLES.some((role) => role === text);

export const isAtLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** The one that may most, or null where there is none. */
export const highestOf = (roles: readonly Role[]): Role | null =>
  ROLES.findLast((role) => roles.includes(role)) ?? null;
