import type { Pool } from 'pg';
import type { ActiveSilence } from './matching.ts';

/** Whether a silence is active. One that a person ended stays so, even if the clock of the database is set back. */
export const silenceIsActive = (now = 'now()'): string => `(ended_by is null and ends_at > ${now})`;

/** The silences that match at this moment, that which ends last first, as one value of a larger statement. */
export const ACTIVE_SILENCES = `(
  select coalesce(jsonb_agg(jsonb_build_object('id', id::text, 'matchers', matchers, 'until', ends_at, 'reason', reason,
    'by', created_by) order by ends_at desc, id desc), '[]') from silences where ${silenceIsActive()})`;

/** Times are written as the database writes them in JSON. */
export const asRead = (silences: readonly ActiveSilence[]): ActiveSilence[] =>
  silences.map((silence) => ({ ...silence, until: new Date(silence.until).toISOString() }));

export async function activeSilences(pool: Pick<Pool, 'query'>): Promise<ActiveSilence[]> {
  const { rows } = await pool.query<{ silences: ActiveSilence[] }>(`select ${ACTIVE_SILENCES} as silences`);
  return asRead(rows[0]?.silences ?? []);
}
