import type { Pool } from 'pg';
import { INSERT_HISTORY, insertNew, run } from '../../src/actors/statements.ts';
import { transaction } from '../../src/db/pool.ts';
import { batches } from './alerts.ts';
import { load } from './client.ts';
import type { Environment } from './environment.ts';
import type { Lane } from './scenario.ts';

export const BARE_ROWS = 'bare rows';

/**
 * Writes the rows that an alert cannot do without, those of its actor and of its history, in transactions of 500 alerts each:
 * what Postgres needs for durable alerts about which nothing is decided. Copies an alert that the program has taken in.
 */
export async function rowFloor({ pool }: Environment, count: number): Promise<Lane> {
  await pool.query(`create schema if not exists bench;
    create table if not exists bench.actors (like public.actors including all);
    create table if not exists bench.actor_history (like public.actor_history including all)`);
  return {
    name: BARE_ROWS,
    async measure(round) {
      const { actor, history } = await newestAlert(pool);
      const all = batches(Array.from({ length: count }, (_, n) => `alert:rows:${round}-${n}`));
      const store = (ids: readonly string[]) =>
        transaction(pool, async (client) => {
          await client.query('set local search_path = bench, public');
          await insertNew(
            client,
            ids.map((id) => ({ ...actor, id })),
          );
          await run(
            client,
            INSERT_HISTORY,
            ids.flatMap((id) => history.map((row) => ({ ...row, actor_id: id }))),
          );
        });
      const { perSecond } = await load(all.length, 1, (n) => store(all[n] ?? []));
      return { 'alerts per second': (perSecond * count) / all.length };
    },
  };
}

async function newestAlert(pool: Pool): Promise<{ actor: object; history: object[] }> {
  const { rows } = await pool.query<{ id: string }>(
    "select id, kind, version, rev, state, snapshot from actors where kind = 'alert' order by updated_at desc limit 1",
  );
  const [actor] = rows;
  if (!actor) throw new Error('the program has taken in no alert yet');
  const { rows: history } = await pool.query<object>(
    'select rev, event, from_state, to_state, at from actor_history where actor_id = $1 order by id',
    [actor.id],
  );
  return { actor, history };
}
