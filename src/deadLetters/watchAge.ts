import type { Pool } from 'pg';
import { DEAD_LETTER_ALARM_ACTOR } from '../../machines/shared/actorId.ts';
import type { Deliver } from '../actors/deliver.ts';

interface Oldest {
  n: number;
  since: Date | null;
  overdue: boolean | null;
}

/** Number of dead letters, and the time of the oldest. `overdue` by the database's clock. */
async function oldestDeadLetter(pool: Pick<Pool, 'query'>, alarmMinutes: number): Promise<Oldest> {
  const { rows } = await pool.query<Oldest>(
    `select count(*)::int as n, min(finished_at) as since,
       min(finished_at) < clock_timestamp() - $1 * interval '1 minute' as overdue
     from dead_letters`,
    [alarmMinutes],
  );
  return rows[0] ?? { n: 0, since: null, overdue: null };
}

/** Reports to the alarm, which all processes share, whether a dead letter is older than the limit; the alarm notifies a person once. */
export async function watchDeadLetterAge(deps: { pool: Pool; deliver: Deliver; alarmMinutes: number }): Promise<void> {
  const { n, since, overdue } = await oldestDeadLetter(deps.pool, deps.alarmMinutes);
  const event = overdue && since ? { type: 'OVERDUE', since: since.toISOString(), count: n } : { type: 'CLEARED' };
  await deps.deliver([{ to: DEAD_LETTER_ALARM_ACTOR, event }]);
}
