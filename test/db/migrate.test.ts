import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainDatabaseError } from '../../src/db/explainDatabaseError.ts';
import { isMigrated, migrate } from '../../src/db/migrate.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { startTcpRelay, type TcpRelay } from '../support/tcpRelay.ts';

const WAITS = 'another process is migrating the database; waiting for it';
const GOES_ON = 'the other process no longer migrates the database; going on';
const RETRIES = 'database not migrated because others use its tables; will retry';

/** Resolves when the program has sent this text and nothing passes any more. */
const frozenAfter = (relay: TcpRelay, text: string) =>
  new Promise<void>((resolve) => {
    relay.onRequest(text, () => {
      relay.freeze();
      resolve();
    });
  });

describe('migrate', () => {
  let database: TestDatabase;
  let lines: string[];
  const log = createLog({ level: 'info', destination: { write: (line) => lines.push(line) } });

  beforeEach(async () => {
    lines = [];
    database = await createTestDatabase({ empty: true });
  });
  afterEach(() => database.drop());

  const steps = async (): Promise<string[]> => {
    const { rows } = await database.pool.query<{ name: string }>('select name from schema_migrations order by id');
    return rows.map(({ name }) => name);
  };

  it('applies every migration once and logs one line', async () => {
    await migrate(database.url, log);

    expect(await steps()).toEqual(expect.arrayContaining(['0001_actors', '0002_audit', '0003_domain']));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 'INFO', msg: 'database migrated' }]);
  });

  it('migrates the schema of the job queue as well', async () => {
    await migrate(database.url, log);

    const { rows } = await database.pool.query(`select (graphile_worker.add_job('anything')).id is not null as queued`);
    expect(rows).toEqual([{ queued: true }]);
  });

  it('does and logs nothing on a migrated database', async () => {
    await migrate(database.url, log);
    const before = await steps();
    lines = [];

    await migrate(database.url, log);

    expect(await steps()).toEqual(before);
    expect(lines).toEqual([]);
  });

  it('can run twenty times at once', async () => {
    const migrations = Array.from({ length: 20 }, () => migrate(database.url, log, { patienceMs: 60_000 }));
    await Promise.all(migrations);

    expect(await isMigrated(database.pool)).toBe(true);
    expect(new Set(await steps()).size).toBe((await steps()).length);
    expect(lines).toHaveLength(1);
  });

  it('rolls everything back when a migration fails', async () => {
    await database.pool.query('create table customers (id text)');

    await expect(migrate(database.url, log)).rejects.toThrow('relation "customers" already exists');

    expect(await isMigrated(database.pool)).toBe(false);
    const { rows } = await database.pool.query(`select to_regclass('actors') as actors`);
    expect(rows).toEqual([{ actors: null }]);
    expect(lines).toEqual([]);
  });

  describe('while another transaction holds what it needs, as a pg_dump does', () => {
    let other: pg.Client;
    beforeEach(async () => {
      other = new pg.Client({ connectionString: database.url });
      await other.connect();
      // The first migration waits for the end of this transaction.
      await other.query('begin; create table actors (id text)');
    });
    afterEach(() => other.end());

    it('fails after some attempts with a sentence that says what to do, and changes nothing', async () => {
      const failure = await migrate(database.url, log, { lockMs: 20, pauseMs: 1 }).catch((error: unknown) => error);

      expect(explainDatabaseError(failure, database.url)).toMatch(
        /nothing was changed.*run auto-ticketing migrate again/,
      );
      expect(lines.map((line) => JSON.parse(line).msg)).toEqual(Array(4).fill(RETRIES));
      await other.query('rollback');
      expect(await isMigrated(database.pool)).toBe(false);
    });

    it('succeeds once that transaction has ended', async () => {
      const messages: string[] = [];
      const write = (line: string) => {
        if (messages.push(JSON.parse(line).msg) === 1) void other.query('rollback');
      };
      await migrate(database.url, createLog({ level: 'info', destination: { write } }), { lockMs: 100, pauseMs: 500 });

      expect(await isMigrated(database.pool)).toBe(true);
      expect([messages.at(0), messages.at(-1)]).toEqual([RETRIES, 'database migrated']);
    });
  });

  it('succeeds although another process stands still in the middle of its migration', async () => {
    const relay = await startTcpRelay(database.url);
    const stuck = frozenAfter(relay, 'create table surfaces');
    const first = migrate(relay.url, log).catch((error: unknown) => error);
    await stuck;

    await migrate(database.url, log);

    expect(await isMigrated(database.pool)).toBe(true);
    relay.dropFrozen();
    expect(await first).toBeInstanceOf(Error);
    await relay.stop();
  });

  it('succeeds although another process stands still between two transactions, and says that it waits for it and then goes on', async () => {
    const relay = await startTcpRelay(database.url);
    // The schema of the job queue is migrated on another connection than the one that holds the lock.
    const stuck = frozenAfter(relay, 'server_version_num');
    const first = migrate(relay.url, log, { idleMs: 500 }).catch((error: unknown) => error);
    await stuck;

    await migrate(database.url, log, { patienceMs: 0 });

    expect(await isMigrated(database.pool)).toBe(true);
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([WAITS, GOES_ON, 'database migrated']);
    relay.dropFrozen();
    expect(await first).toBeInstanceOf(Error);
    await relay.stop();
  });

  it('succeeds after a failed run', async () => {
    await database.pool.query('create table customers (id text)');
    await migrate(database.url, log).catch(() => undefined);
    await database.pool.query('drop table customers');

    await migrate(database.url, log);

    expect(await isMigrated(database.pool)).toBe(true);
  });
});

describe('isMigrated', () => {
  it('is false for an empty database', async () => {
    const database = await createTestDatabase({ empty: true });
    expect(await isMigrated(database.pool)).toBe(false);
    await database.drop();
  });

  it('is false while a migration of this release is missing', async () => {
    const database = await createTestDatabase();
    await database.pool.query(`delete from schema_migrations where name = '0002_audit'`);
    expect(await isMigrated(database.pool)).toBe(false);
    await database.drop();
  });

  it('is true for a database that a newer release has migrated further', async () => {
    const database = await createTestDatabase();
    await database.pool.query(`insert into schema_migrations (name, run_on) values ('9999_from_the_future', now())`);
    await migrate(database.url, createLog({ level: 'silent' }));
    expect(await isMigrated(database.pool)).toBe(true);
    await database.drop();
  });
});
