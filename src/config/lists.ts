import { type Fault, isHeaderSafe, type Kind } from './kinds.ts';
import { isRole } from './roles.ts';
import type { ApiToken, GroupRole, IngestToken } from './types.ts';

/** Comma-separated lists; entries are counted from 1 in faults and blank ones are passed over. */

export const ingestTokens: Kind<IngestToken[]> = (text, fault) =>
  entries(text, fault, (entry) => {
    const [source, token] = split(entry, entry.indexOf(':'));
    if (!/^[a-z0-9][a-z0-9_.-]{0,62}$/.test(source))
      return 'must begin with a source of lower-case letters, digits, _ . -';
    return isHeaderSafe(token) ? { source, token } : 'must have a token without blanks after the colon';
  });

export const apiTokens: Kind<ApiToken[]> = (text, fault) =>
  entries(text, fault, (entry) => {
    const [name, rest] = split(entry, entry.indexOf(':'));
    const [role, token] = split(rest, rest.indexOf(':'));
    if (!/^[a-z0-9][a-z0-9_.@-]{0,62}$/i.test(name)) return 'must begin with a name of letters, digits, _ . @ -';
    if (!isRole(role)) return 'must have viewer, operator or admin as its role';
    return isHeaderSafe(token) ? { name, role, token } : 'must have a token without blanks after the role';
  });

// Groups are often names such as urn:example:ops, so the last colon is the one that counts.
export const roleMap: Kind<GroupRole[]> = (text, fault) =>
  entries(text, fault, (entry) => {
    const [group, role] = split(entry, entry.lastIndexOf(':'));
    if (group === '') return 'must have a group before the colon';
    return isRole(role) ? { group, role } : 'must have viewer, operator or admin as its role';
  });

/** `read` answers what is wrong with an entry as text. */
function entries<T extends object>(text: string, fault: Fault, read: (entry: string) => T | string): T[] | undefined {
  const found: T[] = [];
  let faults = 0;
  for (const [index, entry] of text.split(',').entries()) {
    if (entry.trim() === '') continue;
    const value = read(entry.trim());
    if (typeof value !== 'string') {
      found.push(value);
      continue;
    }
    faults += 1;
    fault(`entry ${index + 1} ${value}`);
  }
  return faults === 0 ? found : undefined;
}

const split = (text: string, index: number): [string, string] =>
  index < 0 ? [text.trim(), ''] : [text.slice(0, index).trim(), text.slice(index + 1).trim()];
