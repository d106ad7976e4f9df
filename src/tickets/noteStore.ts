import type { Pool } from 'pg';
import { ageSeconds, epochMs } from '../db/age.ts';
import { type DatabaseClock, realAgeMs } from '../db/databaseClock.ts';

/** The rows of `ticket_notes` and their changes of phase. Each change is one committed statement. */

export interface NoteRow {
  id: string;
  phase: 'planned' | 'attempting' | 'written';
  /** How many attempts have begun. */
  attempts: number;
  /** Milliseconds that have certainly passed since the last attempt began; null before the first. */
  sinceAttemptMs: number | null;
}

const FIELDS = `id, phase, attempts, ${ageSeconds('attempted_at')} * 1000 as "sinceAttemptMs",
  ${epochMs('attempted_at')} as "attemptedAtMs"`;

export function createNoteStore(pool: Pool, clock: DatabaseClock) {
  const one = async (sql: string, values: unknown[]): Promise<NoteRow | null> => {
    const { rows } = await pool.query<NoteRow & { attemptedAtMs: number | null }>(sql, values);
    const [row] = rows;
    if (!row) return null;
    const { attemptedAtMs, ...note } = row;
    return { ...note, sinceAttemptMs: realAgeMs(clock, note.sinceAttemptMs, attemptedAtMs) };
  };
  return {
    /**
     * Returns the row of this note, created if there is none. `mayExist`: a release without such rows may be writing
     * the note at this moment, so a new row begins in doubt.
     */
    async recordIntent(note: { id: string; ticketId: number }, mayExist: boolean): Promise<NoteRow> {
      const row = await one(
        `with added as (
           insert into ticket_notes (id, ticket_id, phase, attempts, attempted_at)
           select $1, $2, case when $3 then 'attempting' else 'planned' end, case when $3 then 1 else 0 end,
             case when $3 then clock_timestamp() end
           on conflict (id) do nothing returning *
         )
         select ${FIELDS} from (select * from added union all select * from ticket_notes where id = $1) note`,
        [note.id, note.ticketId, mayExist],
      );
      // Another process added it after this statement began.
      return row ?? this.recordIntent(note, mayExist);
    },

    /** Committed before the request. Null if the note is written, or another process began an attempt first. */
    beginAttempt: ({ id, attempts }: NoteRow): Promise<NoteRow | null> =>
      one(
        `update ticket_notes set phase = 'attempting', attempts = attempts + 1, attempted_at = clock_timestamp()
         where id = $1 and attempts = $2 and phase <> 'written' returning ${FIELDS}`,
        [id, attempts],
      ),

    /** The attempt certainly had no effect: the note is as it was before. */
    async takeBackAttempt({ id, attempts }: NoteRow): Promise<void> {
      await pool.query(
        "update ticket_notes set phase = 'planned' where id = $1 and attempts = $2 and phase = 'attempting'",
        [id, attempts],
      );
    },

    async recordWritten(id: string): Promise<void> {
      await pool.query("update ticket_notes set phase = 'written', written_at = clock_timestamp() where id = $1", [id]);
    },
  };
}

export type NoteStore = ReturnType<typeof createNoteStore>;
