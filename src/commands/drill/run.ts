import { rmSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../db/embedded.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { type House, openHouse } from './house.ts';
import { errors } from './lines.ts';
import { mustBe } from './patience.ts';

/** One failure mode of the runbook, acted out. */
export interface Drill {
  name: string;
  about: string;
  surfaceIds: string[];
  /** Beside the usual ones. */
  settings?: Record<string, string>;
  /** Throws where the program does not behave; says each step that it got right. */
  run(house: House, say: (line: string) => void): Promise<void>;
}

/**
 * Runs drills side by side, each in a house of its own, on one Postgres in a temporary folder that is deleted
 * afterwards. Answers the names of those that failed.
 */
export async function runDrills(drills: readonly Drill[], terminal: Terminal): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-drill-'));
  // Postgres may run as another user, who has to get to its own folder in there.
  await chmod(dir, 0o711);
  const interrupted = (): never => {
    try {
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    } catch {
      // Postgres still writes; its guard removes what is its own.
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
        drills.map((drill, n) => perform(drill, { databaseUrl: urls[n] ?? '', dir }, terminal)),
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

async function perform(
  drill: Drill,
  place: { databaseUrl: string; dir: string },
  terminal: Terminal,
): Promise<boolean> {
  const began = performance.now();
  const tell = (mark: string, line: string) =>
    terminal.out(`${mark.padEnd(4)}  ${drill.name.padEnd(9)}  ${oneLine(line)}`);
  let house: House | null = null;
  try {
    house = await openHouse({ ...drill, ...place });
    await drill.run(house, (line) => tell('', line));
    mustBe('lines at ERROR', errors(house.lines), []);
    tell('PASS', `${Math.round((performance.now() - began) / 1000)} s`);
    return true;
  } catch (error) {
    tell('FAIL', error instanceof Error ? error.message : String(error));
    return false;
  } finally {
    await house?.stop();
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
