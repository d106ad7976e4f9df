/** The groups of a person in the claims of a provider, which providers write in different forms. */

type Claims = Readonly<Record<string, unknown>>;

/** A claim by its exact name, which may contain dots, or by its path. A step with dots is quoted: `access."my.app".roles`. */
export function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const step of stepsOf(name)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

const stepsOf = (name: string): string[] =>
  [...name.matchAll(/"([^"]*)"|[^."]+/g)].map(([step, quoted]) => quoted ?? step);

/** A list of texts or of objects with a name, a single text, or one text with commas. */
export function groupsIn(claim: unknown): Set<string> {
  const entries: unknown[] = Array.isArray(claim) ? claim : [claim];
  const names = entries.map(nameOf).filter((entry) => typeof entry === 'string');
  const parts = typeof claim === 'string' ? claim.split(',').map((part) => part.trim()) : [];
  return new Set([...names, ...parts].filter((name) => name !== ''));
}

const nameOf = (entry: unknown): unknown =>
  typeof entry === 'object' && entry !== null && 'name' in entry ? entry.name : entry;

/**
 * Whether the provider left the groups out because there are too many for a token, and sent an address to fetch them from
 * instead, as Microsoft Entra ID does beyond 200 groups.
 */
export function isGroupOverage(claims: Claims, roleClaim: string): boolean {
  if (claimAt(claims, roleClaim) !== undefined) return false;
  const { _claim_names: elsewhere, hasgroups } = claims;
  const root = stepsOf(roleClaim)[0] ?? '';
  const isElsewhere = (name: string) =>
    typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, name);
  return (
    isElsewhere(root) || isElsewhere(roleClaim) || isElsewhere('groups') || hasgroups === true || hasgroups === 'true'
  );
}

const MAX_SHOWN = 200;

/** What the provider sent, for the person and the audit log. */
export function describeGroups(claims: Claims, roleClaim: string): string {
  const claim = claimAt(claims, roleClaim);
  if (claim === undefined) return `there is no claim ${roleClaim}`;
  const text = JSON.stringify(claim);
  return `the claim ${roleClaim} is ${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}`;
}
