import { createHash } from 'node:crypto';
import { ROLES } from '../../config/roles.ts';

/** A person whom the provider knows, with the groups that it reports. */
export interface Person {
  subject: string;
  email: string;
  emailVerified: boolean;
  /** The name of a role of the console makes a person of that role. */
  groups: string[];
}

/** A person on the page of choices. */
interface Choice {
  id: string;
  label: string;
  person: Person;
}

const known = (name: string, groups: string[], emailVerified = true): Person => ({
  subject: `sandbox-${name}`,
  email: `${name}@example.com`,
  emailVerified,
  groups,
});

/** One person of each kind that a sign-in treats in its own way. */
export const CHOICES: readonly Choice[] = [
  { id: 'ada', label: 'Ada, admin', person: known('ada', ['admin']) },
  { id: 'olga', label: 'Olga, operator', person: known('olga', ['operator']) },
  { id: 'vic', label: 'Vic, viewer', person: known('vic', ['viewer']) },
  { id: 'una', label: 'Una, operator with an unverified e-mail address', person: known('una', ['operator'], false) },
  { id: 'nora', label: 'Nora, in no group that has a role', person: known('nora', ['sales']) },
];

const MAX_EMAIL = 200;

/** The person that the page of choices sent: one of the list, or one with an address and a role of their own; else null. */
export function chosenPerson(fields: Record<string, unknown>): Person | null {
  const listed = CHOICES.find(({ id }) => id === fields.person);
  if (listed) return listed.person;
  const email = typeof fields.email === 'string' ? fields.email.trim() : '';
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > MAX_EMAIL) return null;
  return {
    subject: `sandbox-${createHash('sha256').update(email).digest('hex').slice(0, 12)}`,
    email,
    emailVerified: fields.verified === 'on',
    groups: ROLES.filter((role) => role === fields.role),
  };
}
