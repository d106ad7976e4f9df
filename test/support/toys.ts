import type { Pool } from 'pg';
import { assign, fromPromise, setup } from 'xstate';
import type { Writers } from '../../src/actors/batch.ts';
import type { EffectHandlers } from '../../src/actors/effects.ts';
import { createHost, type Host } from '../../src/actors/host.ts';
import type { Message } from '../../src/actors/messages.ts';
import { createRegistry, type MachineEntry } from '../../src/actors/registry.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log.ts';
import { createTestDatabase } from './db.ts';

export interface ToyContext {
  n: number;
  fired: number;
  answer: unknown;
}

export type ToyEvent =
  | { type: 'ADD'; by: number }
  | { type: 'SEE'; n: number }
  | { type: 'NOTE'; text: string }
  | { type: 'BOOM' }
  | { type: 'WORK' }
  | { type: 'WAIT' }
  | { type: 'CALM' };

/** A machine with one of everything that the host has to carry out: counts, says, throws, works and waits. */
export const toyMachine = setup({
  types: { input: {} as { id: string }, context: {} as ToyContext, events: {} as ToyEvent },
  actors: { work: fromPromise<unknown, { n: number }>(() => Promise.reject(new Error('nobody works'))) },
  actions: {
    note: (_, _text: string) => undefined,
    set: assign((_, change: Partial<ToyContext>) => change),
    explode: assign(() => {
      throw new Error('it exploded');
    }),
  },
  delays: { rest: 60_000 },
}).createMachine({
  id: 'toy',
  context: { n: 0, fired: 0, answer: null },
  initial: 'idle',
  on: {
    ADD: { actions: { type: 'set', params: ({ context, event }) => ({ n: context.n + event.by }) } },
    SEE: { actions: { type: 'set', params: ({ event }) => ({ n: event.n }) } },
    NOTE: { actions: { type: 'note', params: ({ event }) => event.text } },
    BOOM: { actions: 'explode' },
    CALM: '.idle',
  },
  states: {
    idle: { on: { WORK: 'working', WAIT: 'waiting' } },
    working: {
      invoke: {
        id: 'job',
        src: 'work',
        input: ({ context }) => ({ n: context.n }),
        onDone: { target: 'idle', actions: { type: 'set', params: ({ event }) => ({ answer: event.output }) } },
        onError: { target: 'idle', actions: { type: 'set', params: ({ event }) => ({ answer: { error: event.error } }) } },
      },
    },
    waiting: {
      on: { WAIT: { target: 'waiting', reenter: true } },
      after: { rest: { target: 'idle', actions: { type: 'set', params: ({ context }) => ({ fired: context.fired + 1 }) } } },
    },
  },
});

export const toyEntry: MachineEntry = { kind: 'toy', machine: toyMachine, version: 1, migrations: {}, urgent: false };

/** What toys say lands in the audit log, in the transaction of the transition. */
const writers: Writers = {
  async note(client, said) {
    for (const { params, actorId } of said) {
      await client.query("insert into audit_log (action, payload, actor) values ('note', $1, $2)", [JSON.stringify(params), actorId]);
    }
  },
};

interface HostOptions {
  handlers?: EffectHandlers;
  entries?: readonly MachineEntry[];
  /** Connections of this process's pool. */
  poolSize?: number;
}

export type Toys = ReturnType<typeof toysOn>;

/** Hosts of toys on a database of their own; each host stands for one process. */
export async function openToys() {
  const database = await createTestDatabase();
  const toys = toysOn(database.url, database.pool);
  return {
    ...toys,
    async close(): Promise<void> {
      await toys.stop();
      await database.drop();
    },
  };
}

/** The same on any migrated database. */
export function toysOn(url: string, pool: Pool) {
  const undo: (() => Promise<void>)[] = [];
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(JSON.parse(line)) } });

  function host({ handlers = {}, entries = [toyEntry], poolSize = 6 }: HostOptions = {}): Host & { pool: Pool } {
    const own = createPool(url, poolSize, log);
    const made = createHost({
      pool: own,
      databaseUrl: url,
      registry: createRegistry(entries),
      log,
      writers,
      router: async () => () => null,
      handlers,
      concurrency: { urgent: 1, other: 2 },
    });
    let stopped: Promise<void> | undefined;
    const stop = (graceMs: number) => (stopped ??= made.stop(graceMs).then(() => own.end()));
    undo.push(() => stop(50));
    return { ...made, stop, pool: own };
  }

  const one = async <T>(sql: string, values: unknown[]): Promise<T | undefined> =>
    (await pool.query(sql, values)).rows[0] as T | undefined;

  return {
    url,
    pool,
    lines,
    host,
    row: (id: string) =>
      one<{ rev: number; state: unknown; parked: string | null; version: number; snapshot: { context: ToyContext } }>(
        'select rev, state, parked, version, snapshot from actors where id = $1',
        [id],
      ),
    effect: (actorId: string) =>
      one<{ id: string; status: string; attempts: number; result: unknown; error: unknown }>(
        'select id, status, attempts, result, error from effects where actor_id = $1 order by created_at desc limit 1',
        [actorId],
      ),
    count: async (sql: string, ...values: unknown[]): Promise<number> =>
      Number((await one<{ n: number }>(`select count(*) as n from ${sql}`, values))?.n),
    /** Brings forward every job whose key is like this, timers and postponed effects alike. */
    hurry: async (key: string): Promise<void> => {
      await pool.query('update graphile_worker._private_jobs set run_at = now() where key like $1', [key]);
    },
    async stop(): Promise<void> {
      await Promise.all(undo.map((each) => each()));
    },
  };
}

export const to = (id: string, event: ToyEvent, eventId?: string): Message => ({ to: id, event, eventId });
