import type { Pool } from 'pg';

/**
 * Attempts whose answer was lost, and which began in the future: the database's clock was set back since, as by a
 * failover to a server whose clock is behind. Their age would stay 0 for the whole step, and a look-up follow the other.
 * Their doubt begins again instead: how much of it is over is not known.
 */

const TABLES = ['filings', 'ticket_notes', 'direct_messages'];
/** A smaller step makes a doubt longer by that much, and no more. */
const FUTURE = "phase = 'attempting' and attempted_at > clock_timestamp() + interval '10 seconds'";

/** Only reads, since nearly always there is none. */
export async function hasFutureAttempts(pool: Pick<Pool, 'query'>): Promise<boolean> {
  const { rows } = await pool.query<{ any: boolean }>(ANY);
  return rows[0]?.any ?? false;
}

export async function restartDoubts(pool: Pick<Pool, 'query'>): Promise<void> {
  for (const table of TABLES) await pool.query(`update ${table} set attempted_at = clock_timestamp() where ${FUTURE}`);
}

const ANY = `select ${TABLES.map((table) => `exists (select from ${table} where ${FUTURE})`).join(' or ')} as any`;
