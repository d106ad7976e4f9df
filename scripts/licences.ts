// Writes the licences of all packages into docs/licences.md, from package-lock.json:
//   tsx scripts/licences.ts --write
// test/docs/licences.test.ts compares the document with the lock file.
import { readFileSync, writeFileSync } from 'node:fs';

interface Package {
  name: string;
  licence: string;
  /** Not part of the program. */
  development: boolean;
  /** The program also runs without it. */
  optional: boolean;
}

/** Licences that ask for no more than that their text is kept: packages of the program may have these. */
export const PERMISSIVE = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BSD-0-Clause', // how htmx spells 0BSD
  'BlueOak-1.0.0',
  'Python-2.0',
];
/** Tools of development are not part of the program, so they may have these too. */
export const TOOLS_ONLY = ['MPL-2.0', 'PSF-2.0'];

interface LockedPackage {
  license?: string;
  dev?: boolean;
  devOptional?: boolean;
  optional?: boolean;
}

/** Every package of the lock file. */
export function packages(): Package[] {
  const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
  const lock: { packages: Record<string, LockedPackage> } = JSON.parse(text);
  return Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, { license = 'none', dev = false, devOptional = false, optional = false }]) => ({
      name: path.replace(/^.*node_modules\//, ''),
      licence: license,
      development: dev || devOptional,
      optional,
    }));
}

/** The generated part of the document. */
export function licenceTables(): string {
  const all = packages();
  const program = table(all.filter(({ development }) => !development));
  const tools = table(all.filter(({ development }) => development));
  return `## In the program\n\n${program}\n\n## In development only\n\n${tools}`;
}

/** One row for each licence. */
function table(listed: readonly Package[]): string {
  const licences = [...new Set(listed.map(({ licence }) => licence))].sort();
  const rows = licences.map((licence) => {
    const names = listed.filter((each) => each.licence === licence).map(({ name }) => name);
    return `| ${licence} | ${[...new Set(names)].sort().join(', ')} |`;
  });
  return ['| licence | packages |', '| --- | --- |', ...rows].join('\n');
}

if (process.argv.includes('--write')) {
  const page = new URL('../docs/licences.md', import.meta.url);
  const between = /(<!-- licences -->\n)[\s\S]*(<!-- end of licences -->)/;
  const text = readFileSync(page, 'utf8');
  writeFileSync(
    page,
    text.replace(between, (_, before, after) => `${before}\n${licenceTables()}\n\n${after}`),
  );
}
