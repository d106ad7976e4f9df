import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createLog } from '../../src/log.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The cluster of this run: where to connect to make databases, and the migrated one to make them from. */
    postgres: { url: string; template: string };
  }
}

/** Starts the one Postgres of this run and makes the template; answers how to take it down again. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
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
