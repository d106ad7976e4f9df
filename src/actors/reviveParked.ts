import type { Pool } from 'pg';
import { kindOf } from '../../machines/shared/actorId.ts';
import { isDatabaseUnreachable } from '../db/databaseGone.ts';
import type { Log } from '../log/log.ts';
import type { Delivery } from './deliver.ts';
import type { Registry } from './registry.ts';

/**
 * Restores the parked actors that this release can restore, and delivers their held events. Returns how many. One that
 * fails stays parked, and prevents neither the others nor the start of the process. Throws where the database is away.
 */
export async function reviveParked({
  pool,
  registry,
  revive,
  log,
}: {
  pool: Pick<Pool, 'query'>;
  registry: Registry;
  revive: Delivery['revive'];
  log: Log;
}): Promise<number> {
  const { rows } = await pool.query<{ id: string }>('select id from actors where parked is not null order by id');
  const known = new Set(registry.all.map(({ kind }) => kind));
  let revived = 0;
  // A kind that only a newer release knows is left to that release.
  for (const { id } of rows.filter((row) => known.has(kindOf(row.id)))) {
    try {
      const events = await revive(id);
      if (events === null) continue;
      revived += 1;
      log.warn({ actor_id: id, events }, 'parked actor restored');
    } catch (error) {
      if (isDatabaseUnreachable(error)) throw error;
      log.warn({ err: error, actor_id: id }, 'parked actor not restored; it stays parked');
    }
  }
  return revived;
}
