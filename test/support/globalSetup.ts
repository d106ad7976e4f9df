import { execFileSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/db/migrate.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { createLog } from '../../src/log/log.ts';
import { startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Postgres of this test run, and the name of its migrated template database. */
    postgres: { url: string; template: string };
  }
}

/**
 * Builds the program, which some tests run as processes, and starts a Postgres with a migrated template database for all
 * tests. Returns the teardown.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  execFileSync(process.execPath, ['scripts/build.js', '--if-stale'], { cwd: packageRoot, stdio: 'inherit' });
  const cluster = await startEmbeddedPostgres({
    dir: await mkdtemp(join(tmpdir(), 'auto-ticketing-test-')),
    ephemeral: true,
  });
  const template = 'migrated';
  const admin = new pg.Client({ connectionString: cluster.url });
  await admin.connect();
  await admin.query(`create database ${template}`);
  const url = new URL(cluster.url);
  url.pathname = template;
  await migrate(url.href, createLog({ level: 'warn' }));
  await admin.end();
  project.provide('postgres', { url: cluster.url, template });
  return cluster.stop;
}
