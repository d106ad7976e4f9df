import { describe, expect, it } from 'vitest';
import type { GroupRole } from '../../src/config/config.ts';
import { personFromClaims } from '../../src/identity/person.ts';

const roleMap: GroupRole[] = [
  { group: 'everyone', role: 'viewer' },
  { group: 'sre', role: 'admin' },
  { group: 'support', role: 'operator' },
];
const roleFrom = (claims: Record<string, unknown>, roleClaim = 'roles') =>
  personFromClaims('sub', claims, { roleClaim, roleMap }).role;
const nameFrom = (claims: Record<string, unknown>, subject = 'sub-1') =>
  personFromClaims(subject, claims, { roleClaim: 'roles', roleMap }).name;

describe('the role from claims', () => {
  it('a person gets the highest role of their groups', () => {
    expect(roleFrom({ roles: ['everyone', 'sre', 'support'] })).toBe('admin');
    expect(roleFrom({ roles: ['support', 'everyone'] })).toBe('operator');
  });

  it('the role claim may be a single text', () => {
    expect(roleFrom({ roles: 'everyone' })).toBe('viewer');
  });

  it('the role claim may have dots in its name or be a path', () => {
    expect(roleFrom({ 'https://example.com/roles': ['sre'] }, 'https://example.com/roles')).toBe('admin');
    expect(roleFrom({ realm_access: { roles: ['sre'] } }, 'realm_access.roles')).toBe('admin');
  });

  it('a step of the path that contains dots is quoted', () => {
    const claims = { resource_access: { 'my.app': { roles: ['sre'] } } };
    expect(roleFrom(claims, 'resource_access."my.app".roles')).toBe('admin');
    expect(roleFrom(claims, 'resource_access.my.app.roles')).toBeNull();
  });

  it('the role claim may be one text with commas, or a list of objects with names', () => {
    expect(roleFrom({ roles: 'everyone, sre' })).toBe('admin');
    expect(roleFrom({ roles: [{ name: 'support' }, { name: 'everyone' }] })).toBe('operator');
  });

  it.each<[string, Record<string, unknown>, string?]>([
    ['no claim', {}],
    ['no group', { roles: [] }],
    ['groups that are not in the map', { roles: ['sales', 'SRE', 'sre '] }],
    ['a comma in the name of a group of a list', { roles: ['sre,everyone'] }],
    ['a claim of another kind', { roles: { sre: true } }],
    ['groups of another kind', { roles: [['sre'], { group: 'sre' }, 1, null] }],
    ['what every object has', {}, 'constructor.name'],
    ['a path that leads nowhere', { realm: 'x' }, 'realm.roles'],
  ])('a person with %s has no role', (_, claims, roleClaim) => {
    expect(roleFrom(claims, roleClaim)).toBeNull();
  });
});

describe('the name from claims', () => {
  it('a person is named by verified e-mail address', () => {
    expect(nameFrom({ email: 'ada@example.com', email_verified: true, preferred_username: 'ada' })).toBe(
      'ada@example.com',
    );
    expect(nameFrom({ email: 'ada@example.com', email_verified: 'true' })).toBe('ada@example.com');
  });

  it('a name that the person may have chosen is marked and followed by the subject', () => {
    expect(nameFrom({ email: 'ada@example.com' })).toBe('ada@example.com (unverified, sub-1)');
    expect(nameFrom({ preferred_username: 'ada@example.com' })).toBe('ada@example.com (unverified, sub-1)');
    expect(nameFrom({ email: 'boss@example.com', email_verified: false, preferred_username: 'eve' })).toBe(
      'eve (unverified, sub-1)',
    );
    expect(nameFrom({ name: 'Ada Lovelace' })).toBe('subject sub-1');
  });

  it.each(['console', 'nobody', 'reconciler', 'status_poller'])(
    'nobody can be named %s like a part of the program',
    (own) => {
      expect(nameFrom({ preferred_username: own, email: own, email_verified: true })).toBe(
        `${own} (unverified, sub-1)`,
      );
      expect(nameFrom({}, own)).toBe(`subject ${own}`);
    },
  );

  it.each(['local developer', 'command line', 'token ops', 'a\u0000b', 'a\u202eb', '', 'x'.repeat(201), 7, ['ada']])(
    '%j is not accepted as name',
    (preferred_username) => {
      expect(nameFrom({ preferred_username })).toBe('subject sub-1');
    },
  );

  it('spaces are removed from a subject that is used as name', () => {
    expect(nameFrom({}, 'token ops')).toBe('subject tokenops');
  });
});
