import { expect, test } from 'vitest';
import { licenceTables, PERMISSIVE, packages, TOOLS_ONLY } from '../../scripts/licences.ts';
import { read } from './documents.ts';

test('docs/licences.md lists the licences of package-lock.json', () => {
  expect(read('docs/licences.md')).toContain(licenceTables());
});

/** Packages that do not offer one of these licences. */
const others = (development: boolean, allowed: readonly string[]) =>
  packages().filter(
    (each) =>
      each.development === development &&
      !each.licence
        .replace(/[()]/g, '')
        .split(' OR ')
        .some((licence) => allowed.includes(licence)),
  );

test('every package of the program has a permissive licence', () => {
  expect(packages().filter(({ development }) => !development).length).toBeGreaterThan(100);
  expect(others(false, PERMISSIVE)).toEqual([]);
});

test('no tool of development has a licence that is not known to be acceptable', () => {
  expect(others(true, [...PERMISSIVE, ...TOOLS_ONLY])).toEqual([]);
});
