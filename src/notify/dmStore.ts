import type { Pool } from 'pg';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import { ageSeconds } from '../db/age.ts';
import type { Sent } from './port.ts';

/** The rows of `direct_messages` and their changes of phase. Each change is one committed statement. */

export interface DmRow {
  phase: 'planned' | 'attempting' | 'sent';
  /** How many requests may have reached Slack. */
  attempts: number;
  createdAt: Date;
  /** Start of the latest attempt that may have arrived, as the text that the database writes; null before the first. */
  attempt: string | null;
  /** Milliseconds since then, by the database's clock. */
  sinceAttemptMs: number | null;
  /** The same instant as a date; now where there is none. */
  attemptedAt: Date;
}

export const OPENINGS: readonly string[] = ['opened', 'flapping'];

export function createDmStore(pool: Pool) {
  return {
    /** Returns the row of this message, created where there is none. */
    async recordIntent({ id, thread, kind, source, body }: DmRequest): Promise<DmRow> {
      await pool.query(
        'insert into direct_messages (id, thread, kind, source, body) values ($1, $2, $3, $4, $5) on conflict (id) do nothing',
        [id, thread, kind, source, JSON.stringify(body)],
      );
      const { rows } = await pool.query<DmRow>(
        `select phase, attempts, created_at as "createdAt", attempted_at::text as attempt,
           ${ageSeconds('attempted_at')} * 1000 as "sinceAttemptMs",
           coalesce(attempted_at, clock_timestamp()) as "attemptedAt"
         from direct_messages where id = $1`,
        [id],
      );
      const row = rows[0];
      if (!row) throw new Error(`direct message ${id} was not recorded`);
      return row;
    },

    /** Committed before the call. Returns the attempt, or null where another process began one first. */
    async beginAttempt(id: string, { attempt }: DmRow): Promise<string | null> {
      const { rows } = await pool.query<{ attempt: string }>(
        `update direct_messages set phase = 'attempting', attempts = attempts + 1, attempted_at = clock_timestamp()
         where id = $1 and phase <> 'sent' and attempted_at is not distinct from $2::timestamptz
         returning attempted_at::text as attempt`,
        [id, attempt],
      );
      return rows[0]?.attempt ?? null;
    },

    /** The attempt certainly had no effect: the message is as it was before. */
    async takeBackAttempt(id: string, attempt: string): Promise<void> {
      await pool.query(
        `update direct_messages set phase = 'planned', attempts = attempts - 1, attempted_at = null
         where id = $1 and phase = 'attempting' and attempted_at = $2::timestamptz`,
        [id, attempt],
      );
    },

    /** The place of the message that opened this thread. */
    async findOpening(thread: string): Promise<Sent | null> {
      const { rows } = await pool.query<Sent>(
        "select channel, ts from direct_messages where thread = $1 and kind = any($2) and phase = 'sent' order by created_at limit 1",
        [thread, OPENINGS],
      );
      return rows[0] ?? null;
    },

    async recordSent(id: string, { channel, ts }: Sent): Promise<void> {
      await pool.query(
        "update direct_messages set phase = 'sent', channel = $2, ts = $3, sent_at = clock_timestamp() where id = $1",
        [id, channel, ts],
      );
    },
  };
}

export type DmStore = ReturnType<typeof createDmStore>;
