import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { databaseSettings } from '../../src/commands/databaseSettings.ts';
import { readConfig } from '../../src/config/config.ts';
import { SETTINGS } from '../../src/config/read.ts';
import { SECRET_SETTINGS } from '../../src/config/secretFiles.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { parseSurfaces } from '../../src/surfaces/surfacesFile.ts';
import { parseDockerfile } from '../image/dockerfile.ts';
import { PRODUCTION, settingErrors } from '../support/settings.ts';

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
  const ours = Object.entries(services).filter(([name]) => name !== 'database' && name !== 'roles');
  expect(ours.map(([, { command }]) => command?.[0]).toSorted()).toEqual(COMMANDS.toSorted());
  for (const [, { environment = {}, secrets: given = [] }] of ours) {
    expect(unknown(Object.keys(environment))).toEqual([]);
    const files = Object.values(environment).filter((value) => value.startsWith('/run/secrets/'));
    expect(files.map((file) => file.replace('/run/secrets/', '')).toSorted()).toEqual(given.toSorted());
    expect(given.filter((name) => !(name in secrets))).toEqual([]);
  }
  expect(JSON.stringify(services.worker)).not.toMatch(/OIDC|SESSION/);
});

it('compose.yaml starts with the settings and secrets that docs/deploying.md makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'auto-ticketing-compose-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(join(packageRoot, 'docs'), join(folder, 'docs'));
  const text = read('docs/deploying.md');
  const [, settings = ''] = /```ini\n(PUBLIC_URL[\s\S]*?)```/.exec(text) ?? [];
  const [, commands = ''] = /```sh\n(mkdir[\s\S]*?)```/.exec(text) ?? [];
  execFileSync('sh', ['-ec', commands], { cwd: folder });
  for (const name of ['oidc_client_secret', 'freescout_api_key', 'slack_bot_token']) {
    writeFileSync(join(folder, 'secrets', name), `${name}-0123456789abcdef`);
  }
  const values = Object.fromEntries(
    settings
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  );
  const { services } = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, Service> };
  const environmentOf = (name: string) =>
    Object.fromEntries(
      Object.entries(services[name]?.environment ?? {}).map(([variable, value]) => [
        variable,
        value
          .replace(/\$\{(\w+)[^}]*\}/g, (_, named: string) => values[named] ?? '')
          .replace('/run/secrets/', `${folder}/secrets/`),
      ]),
    );
  const production = { NODE_ENV: 'production' };
  const { url, ownerUrl, readerUrl } = databaseSettings({ ...production, ...environmentOf('migrate') });
  const withoutPassword = [ownerUrl, url, readerUrl].map((address) => address?.replace(/:[0-9a-f]{48}@/, '@'));
  expect(withoutPassword).toEqual(
    ['owner', 'app', 'reader'].map((role) => `postgres://console_${role}@database/console?sslmode=disable`),
  );
  for (const [name, console] of [
    ['web', true],
    ['worker', false],
  ] as const) {
    const { warnings } = readConfig({ ...production, ...environmentOf(name) }, { console });
    expect([name, warnings]).toEqual([name, console ? [expect.stringMatching(/^SURFACES_FILE/)] : []]);
  }
});

it('no process of compose.yaml but migrate has the password of the owner of the audit log', () => {
  const { services } = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, Service> };
  const withPassword = (secret: string) =>
    Object.keys(services).filter((name) => services[name]?.secrets?.includes(secret));
  expect(withPassword('database_owner_url')).toEqual(['migrate']);
  expect(withPassword('database_owner_password')).toEqual(['roles']);
  expect(withPassword('database_password')).toEqual(['database', 'roles']);
});

it('app.json names only settings, all that production requires, and accepts the database of the platform', () => {
  const { env } = JSON.parse(read('app.json')) as { env: Record<string, { value?: string }> };
  expect(unknown(Object.keys(env))).toEqual([]);
  const given = Object.fromEntries(Object.entries(env).flatMap(([name, { value }]) => (value ? [[name, value]] : [])));
  // The platform gives the app an address that names no sslmode.
  const platform = { ...given, DATABASE_URL: 'postgres://user:password@ec2-1-2-3-4.compute.example.com:5432/d' };
  const required = settingErrors(platform).map((sentence) => sentence.split(' ')[0] ?? '');
  expect(required).toContain('OIDC_ISSUER_URL');
  expect(required.filter((name) => !(name in env))).toEqual([]);
  expect(settingErrors({ ...PRODUCTION, ...platform })).toEqual([]);
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

it('the image runs as a user without rights, and has a health check', () => {
  const { steps = [] } = parseDockerfile(read('Dockerfile')).at(-1) ?? {};
  expect(steps).toContainEqual({ instruction: 'USER', text: 'node' });
  expect(steps.filter(({ instruction }) => instruction === 'HEALTHCHECK')).toHaveLength(1);
});

it('the example of a surfaces file is valid', () => {
  const path = 'docs/ops/surfaces.example.yaml';
  expect(parseSurfaces(read(path), path)).toHaveLength(2);
});

it('every secret is listed as one that a file may hold, and has a row in the table of rotations', () => {
  const rotations = read('docs/ops/runbooks/rotation/README.md').matchAll(/^\| (`.+?`) \| /gm);
  const listed = [...rotations].map(([, names]) => names).join();
  const files = read('docs/deploying.md');
  const missing = SECRET_SETTINGS.filter((name) => [files, listed].some((text) => !text.includes(`\`${name}\``)));
  expect(missing).toEqual([]);
});
