import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';
import { freePort } from '../support/freePort.ts';
import { PRODUCTION } from '../support/settings.ts';
import type { Builder, Image } from './build.ts';

const START_MS = 60_000;
const CHECK_EVERY_MS = 200;

/** Migrates a new database with the image, serves the console until its health check succeeds, and stops it. */
export async function tryImage(image: Image, { folder, process: processOf }: Builder): Promise<void> {
  const postgres = await startEmbeddedPostgres({ dir: join(folder, 'postgres'), ephemeral: true });
  try {
    const settings = { ...PRODUCTION, DATABASE_URL: postgres.url, OIDC_ISSUER_URL: 'http://127.0.0.1:1' };
    const env = { ...image.env, ...settings, HOST: '127.0.0.1', PORT: String(await freePort()) };
    const options = { cwd: join(image.root, image.workdir), ...processOf(env) };
    const [program = '', ...entry] = image.entrypoint;
    execFileSync(program, [...entry, 'migrate'], { ...options, stdio: ['ignore', 2, 2] });

    const web = spawn(program, [...entry, ...image.command], { ...options, stdio: ['ignore', 2, 2] });
    const [check = '', ...args] = image.healthcheck;
    try {
      const deadline = performance.now() + START_MS;
      while (spawnSync(check, args, { ...options, stdio: 'ignore' }).status !== 0) {
        if (web.exitCode !== null || performance.now() > deadline) throw new Error('the health check does not succeed');
        await sleep(CHECK_EVERY_MS);
      }
    } finally {
      web.kill('SIGTERM');
      if (web.exitCode === null) await once(web, 'exit');
    }
    if (web.exitCode !== 0) throw new Error(`web ended with ${web.exitCode} after SIGTERM`);
  } finally {
    await postgres.stop();
  }
}
