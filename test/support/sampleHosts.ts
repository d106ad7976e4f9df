import type { Pool } from 'pg';
import type { ActionWriters } from '../../src/actors/batch.ts';
import type { EffectHandlers } from '../../src/actors/effectRunner.ts';
import { createHost, type Host } from '../../src/actors/host.ts';
import type { Message } from '../../src/actors/messages.ts';
import { createRegistry, type MachineEntry } from '../../src/actors/registry.ts';
import { UNWATCHED } from '../../src/db/databaseClock.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase } from './db.ts';
import { makeDue } from './makeDue.ts';
import { type SampleContext, type SampleEvent, sampleEntry } from './sampleMachine.ts';
import { WAIT_TIMEOUT_MS } from './waitTimeout.ts';

/** The action `note` writes an audit row in the transaction of the transition. */
const writers: ActionWriters = {
  async note(client, notes) {
    for (const { params, actorId } of notes) {
      await client.query("insert into audit_log (action, payload, actor) values ('note', $1, $2)", [
        JSON.stringify(params),
        actorId,
      ]);
    }
  },
};

interface HostOptions {
  handlers?: EffectHandlers;
  entries?: readonly MachineEntry[];
  /** How many database connections this host may have. */
  poolSize?: number;
  canRun?: (src: string) => boolean;
  isBusy?: () => boolean;
  writers?: ActionWriters;
}

/** A new database on which a test starts hosts of the sample machine. */
export async function startSampleHosts() {
  const database = await createTestDatabase();
  const hosts = sampleHostsOn(database.url, database.pool);
  return {
    ...hosts,
    async close(): Promise<void> {
      await hosts.stop();
      await database.drop();
    },
  };
}

/** The same on an existing, migrated database. */
export function sampleHostsOn(url: string, pool: Pool) {
  const stops: (() => Promise<void>)[] = [];
  const lines: Record<string, unknown>[] = [];
  const log = createLog({
    level: 'debug',
    destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
  });

  function host({ handlers = {}, entries = [sampleEntry], poolSize = 6, ...local }: HostOptions = {}): Host & {
    pool: Pool;
  } {
    const own = createPool(url, poolSize, log, { connectMs: WAIT_TIMEOUT_MS, keepsPlans: true });
    const created = createHost({
      pool: own,
      databaseUrl: url,
      clock: UNWATCHED,
      registry: createRegistry(entries),
      log,
      writers,
      router: async () => () => null,
      handlers,
      concurrency: { urgent: 1, other: 2 },
      ...local,
    });
    let stopped: Promise<void> | undefined;
    const stop = (graceMs: number) => (stopped ??= created.stop(graceMs).then(() => own.end()));
    stops.push(() => stop(50));
    return { ...created, stop, pool: own };
  }

  const one = async <T>(sql: string, values: unknown[]): Promise<T | undefined> =>
    (await pool.query(sql, values)).rows[0] as T | undefined;

  return {
    url,
    pool,
    lines,
    host,
    row: (id: string) =>
      one<{
        rev: number;
        state: unknown;
        parked: string | null;
        version: number;
        snapshot: { context: SampleContext };
      }>('select rev, state, parked, version, snapshot from actors where id = $1', [id]),
    effect: (actorId: string) =>
      one<{ id: string; status: string; attempts: number; result: unknown; error: unknown }>(
        'select id, status, attempts, result, error from effects where actor_id = $1 order by created_at desc limit 1',
        [actorId],
      ),
    count: async (sql: string, ...values: unknown[]): Promise<number> =>
      Number((await one<{ n: number }>(`select count(*) as n from ${sql}`, values))?.n),
    /** Makes all jobs due whose key matches the SQL pattern. */
    hurry: (key: string): Promise<void> => makeDue(pool, key),
    /** Stops all hosts. */
    async stop(): Promise<void> {
      await Promise.all(stops.splice(0).map((each) => each()));
    },
    /** Removes all actors, effects and jobs, so that the next test meets none of this one. */
    async empty(): Promise<void> {
      await pool.query('truncate actors, effects cascade');
      await pool.query('delete from graphile_worker._private_jobs');
    },
  };
}

export const to = (id: string, event: SampleEvent, eventId?: string): Message => ({ to: id, event, eventId });
