import pg from 'pg';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startApp } from '../../src/app/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/log/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';

/** By these the server ends a session with its locks after its host was lost, or while its process stands still. */
const SETTINGS = [
  'tcp_keepalives_idle',
  'tcp_keepalives_interval',
  'tcp_keepalives_count',
  'tcp_user_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'statement_timeout',
] as const;
const IN_FORCE = `select ${['application_name', ...SETTINGS].map((name) => `current_setting('${name}') as ${name}`)}`;

type Settings = Record<'application_name' | (typeof SETTINGS)[number], string>;

const DEFAULTS = {
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  statement_timeout: '0',
};
const KEEPALIVES = {
  ...{ tcp_keepalives_idle: '4', tcp_keepalives_interval: '2', tcp_keepalives_count: '3' },
  // Only Linux has this one.
  tcp_user_timeout: process.platform === 'linux' ? '10000' : '0',
};
const POOL = {
  ...{ application_name: 'auto-ticketing', ...DEFAULTS, ...KEEPALIVES },
  ...{ lock_timeout: '3s', idle_in_transaction_session_timeout: '10s' },
};
/** Job workers take their connections from the pool of work, or behind a pooler from one of their own. */
const WORK_AND_JOBS = { ...POOL, statement_timeout: '10s' };
const PAGES = { ...POOL, statement_timeout: '4s' };
/** These wait for notifications or hold a lock, and send a statement each second. */
const KEPT = { ...DEFAULTS, ...KEEPALIVES, idle_session_timeout: '6s' };
const LISTENER = { ...KEPT, application_name: 'auto-ticketing listener' };
/** Of the workers, and of the claims of effects that run outside them. */
const LIVENESS = { ...KEPT, application_name: 'auto-ticketing liveness' };
/** It sends nothing during the work that it protects. */
const LOCK = { ...DEFAULTS, ...KEEPALIVES, application_name: 'auto-ticketing lock', idle_session_timeout: '2min' };

let database: TestDatabase;
let undo: (() => Promise<unknown> | unknown)[];
beforeEach(async () => {
  database = await createTestDatabase();
  undo = [() => database.drop()];
});
afterEach(async () => {
  for (const step of undo.toReversed()) await step();
});

/**
 * Asks each connection that this process opens to the database of the test for its settings, as the server has them. Those
 * that were opened and closed again during the start of the program are left out.
 */
function watchConnections() {
  const name = new URL(database.url).pathname.slice(1);
  const connections: { client: pg.Client; settings: Settings; isOfStart: boolean }[] = [];
  const ended = new WeakSet<pg.Client>();
  let hasStarted = false;
  const { connect } = pg.Client.prototype;

  async function look(client: pg.Client): Promise<void> {
    const isOfStart = !hasStarted;
    client.once('end', () => ended.add(client));
    const { rows } = await client.query<Settings>(IN_FORCE);
    connections.push(...rows.map((settings) => ({ client, settings, isOfStart })));
  }

  const spy = vi.spyOn(pg.Client.prototype, 'connect').mockImplementation(function (this: pg.Client, callback) {
    // A connection that closes before it answers is none that lasts.
    if (this.database === name) this.once('connect', () => look(this).catch(() => undefined));
    return connect.call(this, callback);
  });
  undo.push(() => spy.mockRestore());

  return {
    onStarted() {
      hasStarted = true;
    },
    /** Each kind once. */
    kinds(): Settings[] {
      const lasting = connections.filter(({ client, isOfStart }) => !isOfStart || !ended.has(client));
      return [...new Map(lasting.map(({ settings }) => [JSON.stringify(settings), settings])).values()];
    },
  };
}

/** The whole program in this process. */
async function start(settings: Record<string, string>): Promise<string> {
  const log = createLog({ level: 'silent' });
  const app = await startApp({ config: readConfig({ PORT: '0', ...settings }), role: 'all', log });
  undo.push(() => app.stop());
  return app.url ?? '';
}

const sorted = (kinds: Settings[]): string[] =>
  kinds.map((kind) => JSON.stringify(kind, Object.keys(kind).sort())).sort();

it('the server can end each connection of a process whose host is lost, or that stands still', async () => {
  const { onStarted, kinds } = watchConnections();
  const url = await start({ DATABASE_URL: database.url });
  onStarted();
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
  // The reconciler takes its lock some seconds after the start.
  await eventually(() => expect(sorted(kinds())).toEqual(sorted([WORK_AND_JOBS, PAGES, LISTENER, LIVENESS, LOCK])));
});

it('behind a pooler, the direct connections of a process have the same settings', async () => {
  const { onStarted, kinds } = watchConnections();
  // Connections to a pooler have no settings of their own. This name tells them from the direct ones.
  const pooler = new URL(database.url);
  pooler.searchParams.set('application_name', 'to the pooler');
  await start({ DATABASE_URL: pooler.href, DATABASE_DIRECT_URL: database.url });
  onStarted();
  const direct = () => kinds().filter(({ application_name }) => application_name !== 'to the pooler');
  await eventually(() => expect(sorted(direct())).toEqual(sorted([WORK_AND_JOBS, LISTENER, LIVENESS, LOCK])));
});
