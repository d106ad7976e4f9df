import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { installNode } from '../support/installNode.ts';
import { type Builder, buildImage, removeFolder } from './build.ts';
import { parseDockerfile } from './dockerfile.ts';
import { tryImage } from './try.ts';

/**
 * Carries out the steps of the Dockerfile without Docker, in a clean folder, as a user without rights, with the version of
 * Node.js that it names. Then runs `migrate` and `web` of the result, and its health check. `npm run image`.
 */

const NOBODY = 65_534;
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

const startedAt = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'auto-ticketing-image-'));
try {
  // The steps run as another user.
  chmodSync(folder, 0o755);
  const stages = parseDockerfile(readFileSync(join(packageRoot, 'Dockerfile'), 'utf8'));
  const builder = createBuilder(/(?<=^node:)\d+/.exec(stages[0]?.from ?? '')?.[0] ?? '');
  const image = buildImage(stages, builder);
  await tryImage(image, builder);
  const megabytes = execFileSync('du', ['-sm', image.root], { encoding: 'utf8' }).split('\t')[0];
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  console.log(`The image builds and runs; it adds ${megabytes} MB to that of Node.js. Checked in ${seconds} s.`);
} finally {
  removeFolder(folder);
}

function createBuilder(nodeMajor: string): Builder {
  const home = join(folder, 'home');
  mkdirSync(home);
  // What this machine has downloaded already need not be downloaded again.
  const cache = join(homedir(), '.npm/_cacache');
  if (existsSync(cache)) execFileSync('cp', ['-r', cache, join(home, '_cacache')]);
  handOver(home);
  const env = {
    ...wayToRegistry(),
    HOME: home,
    PATH: [installNode(folder, nodeMajor), dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(
      delimiter,
    ),
    npm_config_cache: home,
    npm_config_prefer_offline: 'true',
    npm_config_update_notifier: 'false',
  };
  return {
    folder,
    handOver,
    process: (own) => ({ ...user, env: { ...env, ...own } }),
  };
}

/** How this machine reaches the registry of packages; nothing else of its environment counts. */
function wayToRegistry(): Record<string, string> {
  const way =
    /^(NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|(https?|no)_proxy|npm_config_(registry|cafile|https_proxy|noproxy))$/i;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, text]) => (way.test(name) && text ? [[name, text]] : [])),
  );
}

function handOver(path: string): void {
  if (user.uid !== undefined) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, path]);
}
