import { get, load } from './client.ts';
import type { Environment } from './environment.ts';
import type { Lane } from './scenario.ts';
import { percentile } from './statistics.ts';

/** What no program on this machine and this Postgres can go below. */

/** Transactions of one inserted row each, one after the other. */
export async function commitFloor({ pool }: Environment, count = 200): Promise<Lane> {
  await pool.query('create table if not exists bench_commits (id bigint generated always as identity, text text)');
  return {
    name: 'bare commits',
    async measure() {
      const client = await pool.connect();
      try {
        const { perSecond, ms } = await load(count, 1, () =>
          client.query('insert into bench_commits (text) values ($1)', ['one row']),
        );
        return { 'per second': perSecond, 'p50 ms': percentile(ms, 50), 'p99 ms': percentile(ms, 99) };
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
      const { perSecond, ms } = await load(count, 1, () => get(`${stubs.url}/api/mailboxes?page=1&pageSize=1`));
      return { 'per second': perSecond, 'p50 ms': percentile(ms, 50), 'p99 ms': percentile(ms, 99) };
    },
  };
}
