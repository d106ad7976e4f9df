import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { SETTINGS } from '../../src/config/read.ts';
import { SECRET_SETTINGS } from '../../src/config/secretFiles.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { parseSurfaces } from '../../src/surfaces/surfacesFile.ts';
import { parseDockerfile } from '../image/dockerfile.ts';
import { settingErrors } from '../support/settings.ts';

/** The files with which the program is deployed. `npm run image` tries the Dockerfile. */

const read = (path: string): string => readFileSync(join(packageRoot, path), 'utf8');
const known = new Set([...SETTINGS.map(({ variable }) => variable), ...SECRET_SETTINGS.map((name) => `${name}_FILE`)]);
const unknown = (names: string[]): string[] => names.filter((name) => !known.has(name));
const COMMANDS = ['web', 'worker', 'migrate'];

const units = readdirSync(join(packageRoot, 'docs/ops/systemd')).map((name) => `docs/ops/systemd/${name}`);

it('systemd accepts the units', () => {
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...units], { cwd: packageRoot, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  const commands = units.map((unit) => /^ExecStart=.* (\w+)$/m.exec(read(unit))?.[1]);
  expect(commands.toSorted()).toEqual(COMMANDS.toSorted());
});

it('nginx accepts the site', () => {
  const folder = mkdtempSync(join(tmpdir(), 'auto-ticketing-nginx-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tls = join(packageRoot, 'test/fixtures/tls');
  const site = read('docs/ops/nginx/auto-ticketing.conf')
    .replace(/ssl_certificate .*;/, `ssl_certificate ${tls}/private.crt;`)
    .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${tls}/private.key;`);
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, `pid ${folder}/pid; events {} http { access_log off; ${site} }`);
  const path = `${process.env.PATH}:/usr/sbin`;
  const { stderr } = spawnSync('nginx', ['-t', '-q', '-p', folder, '-e', 'stderr', '-c', config], {
    encoding: 'utf8',
    env: { PATH: path },
  });
  expect(stderr).toBe('');
});

interface Service {
  command?: string[];
  environment?: Record<string, string>;
  secrets?: string[];
}

it('compose.yaml gives each process valid settings, and only the secrets that it declares', () => {
  const { services, secrets } = parse(read('compose.yaml'), { merge: true }) as {
    services: Record<string, Service>;
    secrets: Record<string, { file: string }>;
  };
  const ours = Object.entries(services).filter(([name]) => name !== 'database');
  expect(ours.map(([, { command }]) => command?.[0]).toSorted()).toEqual(COMMANDS.toSorted());
  for (const [, { environment = {}, secrets: given = [] }] of ours) {
    expect(unknown(Object.keys(environment))).toEqual([]);
    const files = Object.values(environment).filter((value) => value.startsWith('/run/secrets/'));
    expect(files.map((file) => file.replace('/run/secrets/', '')).toSorted()).toEqual(given.toSorted());
    expect(given.filter((name) => !(name in secrets))).toEqual([]);
  }
  expect(JSON.stringify(services.worker)).not.toMatch(/OIDC|SESSION/);
});

it('app.json names only settings, and all that production requires', () => {
  const { env } = JSON.parse(read('app.json')) as { env: Record<string, { value?: string }> };
  expect(unknown(Object.keys(env))).toEqual([]);
  // The platform gives DATABASE_URL to the app.
  const required = settingErrors({ NODE_ENV: 'production', DATABASE_URL: 'postgres://db/console' });
  expect(required.map((sentence) => sentence.split(' ')[0]).filter((name = '') => !(name in env))).toEqual([]);
});

it('the Dockerfile copies only what .dockerignore lets through, and uses the recommended Node.js', () => {
  const stages = parseDockerfile(read('Dockerfile'));
  const version = read('.nvmrc').trim();
  expect(stages.map(({ from }) => from)).toEqual([`node:${version}-bookworm-slim`, `node:${version}-bookworm-slim`]);
  const sources = stages.flatMap(({ steps }) =>
    steps
      .filter(({ instruction, text }) => instruction === 'COPY' && !text.startsWith('--from='))
      .flatMap(({ text }) => text.split(' ').slice(0, -1)),
  );
  const allowed = read('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  expect(sources.toSorted()).toEqual(allowed.toSorted());
});

it('the example of a surfaces file is valid', () => {
  const path = 'docs/ops/surfaces.example.yaml';
  expect(parseSurfaces(read(path), path)).toHaveLength(2);
});

it('docs/deploying.md lists every setting that a file may hold', () => {
  const text = read('docs/deploying.md');
  for (const secret of SECRET_SETTINGS) expect(text).toContain(`\`${secret}\``);
  expect(
    execFileSync('sh', ['-n'], { input: /```sh\nmkdir([\s\S]*?)```/.exec(text)?.[0]?.slice(6, -3) }),
  ).toBeDefined();
});
