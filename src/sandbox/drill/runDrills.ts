import { rmSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { oneLine, type Terminal } from '../../lib/terminal.ts';
import { startEmbeddedPostgres } from '../postgres/embedded.ts';
import type { Drill } from './drillDefinition.ts';
import { type DrillEnvironment, startDrillEnvironment } from './drillEnvironment.ts';
import { expectEqual } from './expectations.ts';
import { flood } from './flood.ts';
import { errors } from './logLines.ts';
import { massOutage } from './massOutage.ts';
import { missing } from './missing.ts';
import { outage } from './outage.ts';
import { recovered } from './recovered.ts';

const ALL: readonly Drill[] = [
  flood,
  missing,
  recovered,
  outage,
  massOutage('hundred', 100, 2),
  massOutage('thousand', 1_000, 20),
];

/**
 * Runs drills in parallel, each in its own environment, on one Postgres in a temporary folder that is deleted
 * afterwards. Returns the names of the failed drills.
 */
export const runDrills = (names: readonly string[], terminal: Terminal): Promise<string[]> =>
  perform(
    ALL.filter(({ name }) => names.includes(name)),
    terminal,
  );

/** Like `runDrills`, for the given drills. */
export async function perform(drills: readonly Drill[], terminal: Terminal): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-drill-'));
  // Postgres may run as another user, which must be able to enter its folder in this one.
  await chmod(dir, 0o711);
  const interrupted = (): never => {
    try {
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    } catch {
      // Postgres is still writing; its supervising shell removes its files.
    }
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    terminal.err('Starting Postgres …');
    const postgres = await startEmbeddedPostgres({ dir: join(dir, 'postgres'), ephemeral: true });
    try {
      const urls = await createDatabases(postgres.url, drills);
      const passed = await Promise.all(
        drills.map((drill, n) => performOne(drill, { databaseUrl: urls[n] ?? '', dir }, terminal)),
      );
      return drills.filter((_, n) => !passed[n]).map(({ name }) => name);
    } finally {
      await postgres.stop();
    }
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    await rm(dir, { recursive: true, force: true });
  }
}

async function performOne(
  drill: Drill,
  place: { databaseUrl: string; dir: string },
  terminal: Terminal,
): Promise<boolean> {
  const began = performance.now();
  const print = (mark: string, line: string) =>
    terminal.out(`${mark.padEnd(4)}  ${drill.name.padEnd(9)}  ${oneLine(line)}`);
  let environment: DrillEnvironment | null = null;
  try {
    environment = await startDrillEnvironment({ ...drill, ...place });
    await drill.run(environment, (line) => print('', line));
    expectEqual('lines at ERROR', errors(environment.lines), []);
    print('PASS', `${Math.round((performance.now() - began) / 1000)} s`);
    return true;
  } catch (error) {
    print('FAIL', error instanceof Error ? error.message : String(error));
    return false;
  } finally {
    await environment?.stop();
  }
}

async function createDatabases(url: string, drills: readonly Drill[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const urls: string[] = [];
    for (const { name } of drills) {
      const database = `drill_${name}`;
      await client.query(`create database ${pg.escapeIdentifier(database)}`);
      const own = new URL(url);
      own.pathname = database;
      urls.push(own.href);
    }
    return urls;
  } finally {
    await client.end();
  }
}
