import { describe, expect, it } from 'vitest';
import type { GroupRole } from '../../src/config/config.ts';
import { personOf } from '../../src/identity/person.ts';

const roleMap: GroupRole[] = [
  { group: 'everyone', role: 'viewer' },
  { group: 'sre', role: 'admin' },
  { group: 'support', role: 'operator' },
];
const roleFrom = (claims: Record<string, unknown>, roleClaim = 'roles') =>
  personOf('sub', claims, { roleClaim, roleMap }).role;
const nameFrom = (claims: Record<string, unknown>, subject = 'sub-1') =>
  personOf(subject, claims, { roleClaim: 'roles', roleMap }).name;

describe('a role', () => {
  it('is the highest that any of the groups has, whatever their order', () => {
    expect(roleFrom({ roles: ['everyone', 'sre', 'support'] })).toBe('admin');
    expect(roleFrom({ roles: ['support', 'everyone'] })).toBe('operator');
  });

  it('may come from a claim that is one text', () => {
    expect(roleFrom({ roles: 'everyone' })).toBe('viewer');
  });

  it('is found under a name with dots in it, and along a path', () => {
    expect(roleFrom({ 'https://example.com/roles': ['sre'] }, 'https://example.com/roles')).toBe('admin');
    expect(roleFrom({ realm_access: { roles: ['sre'] } }, 'realm_access.roles')).toBe('admin');
  });

  it.each<[string, Record<string, unknown>, string?]>([
    ['no claim', {}],
    ['no group', { roles: [] }],
    ['groups that are not in the map', { roles: ['sales', 'SRE', 'sre '] }],
    ['groups in one text', { roles: 'sre,everyone' }],
    ['a claim of another kind', { roles: { sre: true } }],
    ['groups of another kind', { roles: [['sre'], { group: 'sre' }, 1, null] }],
    ['what every object has', {}, 'constructor.name'],
    ['a path that leads nowhere', { realm: 'x' }, 'realm.roles'],
  ])('is none with %s', (_, claims, roleClaim) => {
    expect(roleFrom(claims, roleClaim)).toBeNull();
  });
});

describe('a name', () => {
  it('is the address, else the user name, else the subject', () => {
    expect(nameFrom({ email: 'ada@example.com', preferred_username: 'ada' })).toBe('ada@example.com');
    expect(nameFrom({ preferred_username: 'ada' })).toBe('ada');
    expect(nameFrom({ name: 'Ada Lovelace' })).toBe('sub-1');
  });

  it('is no address that the provider calls unverified', () => {
    expect(nameFrom({ email: 'boss@example.com', email_verified: false, preferred_username: 'eve' })).toBe('eve');
  });

  it.each(['local developer', 'command line', 'token ops', 'a\u0000b', 'a\u202eb', '', 'x'.repeat(201), 7, ['ada']])(
    'is never %j, which is somebody else or cannot be shown',
    (preferred_username) => {
      expect(nameFrom({ preferred_username })).toBe('sub-1');
    },
  );

  it('has no blank in it even where the subject has', () => {
    expect(nameFrom({}, 'token ops')).toBe('tokenops');
  });
});
