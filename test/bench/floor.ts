import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Pool } from 'pg';
import { get, load } from './client.ts';
import type { Environment } from './environment.ts';
import type { Lane } from './scenario.ts';
import { percentile } from './statistics.ts';

/** What no program on this machine and this Postgres can go below. */

/** Transactions of one inserted row each, one after the other. */
export async function commitFloor({ pool }: Environment, count = 200): Promise<Lane> {
  await createTable(pool);
  return {
    name: 'bare commits',
    async measure() {
      const client = await pool.connect();
      try {
        const { perSecond, ms } = await load(count, 1, () => client.query(INSERT, ['one row']));
        return { 'per second': perSecond, ...p50AndP99(ms) };
      } finally {
        client.release();
      }
    },
  };
}

/** Requests to a Koa application that only answers `ok`. */
export function koaFloor({ stubs }: Environment, count = 1_000, atOnce = 8): Lane {
  return {
    name: 'bare Koa',
    async measure() {
      const { perSecond, ms } = await load(count, atOnce, () => get(stubs.koaUrl));
      return { 'per second': perSecond, 'p50 ms': percentile(ms, 50), 'p95 ms': percentile(ms, 95) };
    },
  };
}

/** One call after the other to the help desk. */
export function helpdeskFloor({ stubs }: Environment, count = 100): Lane {
  return {
    name: 'bare help desk call',
    async measure() {
      const { perSecond, ms } = await load(count, 1, () => get(helpdeskCall(stubs.url)));
      return { 'per second': perSecond, ...p50AndP99(ms) };
    },
  };
}

/**
 * One commit, then one call to the help desk, as often as given. With a pause between them both meet an idle system, on
 * which everything takes longer: processors and processes have to wake up.
 */
export async function commitAndCallFloor({ pool, stubs }: Environment, count = 100, pauseMs = 0): Promise<Lane> {
  await createTable(pool);
  return {
    name: 'one commit and one call',
    async measure() {
      const commitAndCall = async () => {
        await pool.query(INSERT, ['one row']);
        await get(helpdeskCall(stubs.url));
      };
      const { ms } = await load(count, 1, commitAndCall, pauseMs);
      return p50AndP99(ms);
    },
  };
}

/** The processor time that this process needs for a request of its own client, and for nothing else. */
export function requestFloor({ stubs }: Environment, count = 3_000, atOnce = 8): Lane {
  return {
    name: 'bare requests',
    async measure() {
      await load(count, atOnce, () => get(stubs.koaUrl));
      const before = process.cpuUsage();
      await load(count, atOnce, () => get(stubs.koaUrl));
      const { user, system } = process.cpuUsage(before);
      return { 'processor ms per check': (user + system) / 1_000 / count };
    },
  };
}

/** From the start of Node.js to its end, with nothing to run. */
export function nodeFloor(): Lane {
  return {
    name: 'Node.js alone',
    async measure() {
      const from = performance.now();
      await once(spawn(process.execPath, ['-e', ''], { stdio: 'ignore' }), 'exit');
      return { 'seconds until ready': (performance.now() - from) / 1_000 };
    },
  };
}

export const p50AndP99 = (ms: readonly number[]) => ({ 'p50 ms': percentile(ms, 50), 'p99 ms': percentile(ms, 99) });

const INSERT = 'insert into bench_commits (text) values ($1)';
const createTable = (pool: Pool) =>
  pool.query('create table if not exists bench_commits (id bigint generated always as identity, text text)');

const helpdeskCall = (url: string): string => `${url}/api/mailboxes?page=1&pageSize=1`;
