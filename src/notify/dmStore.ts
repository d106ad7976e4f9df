import type { Pool } from 'pg';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import type { Sent } from './port.ts';

/** The rows of `direct_messages`, and the few changes that sending makes to them. Each change is one committed statement. */

export interface DmRow {
  phase: 'planned' | 'attempting' | 'sent';
  /** How many requests may have reached Slack. */
  attempts: number;
  createdAt: Date;
  /** When the latest attempt began that may have arrived, as the database writes it; null where there is none. */
  underWay: string | null;
  underWayMs: number | null;
  /** The same instant as a date; now, where it is not known. */
  attemptedAt: Date;
}

export const OPENINGS: readonly string[] = ['opened', 'flapping'];

export function createDmStore(pool: Pool) {
  return {
    /** The row of this message, which is made where there is none. */
    async planned({ id, thread, kind, source, body }: DmRequest): Promise<DmRow> {
      await pool.query(
        'insert into direct_messages (id, thread, kind, source, body) values ($1, $2, $3, $4, $5) on conflict (id) do nothing',
        [id, thread, kind, source, JSON.stringify(body)],
      );
      const { rows } = await pool.query<DmRow>(
        `select phase, attempts, created_at as "createdAt", attempted_at::text as "underWay",
           extract(epoch from clock_timestamp() - attempted_at)::float8 * 1000 as "underWayMs",
           coalesce(attempted_at, clock_timestamp()) as "attemptedAt"
         from direct_messages where id = $1`,
        [id],
      );
      const row = rows[0];
      if (!row) throw new Error(`direct message ${id} was not recorded`);
      return row;
    },

    /** Committed before the call; answers the attempt, or null where another process began one first. */
    async begin(id: string, { underWay }: DmRow): Promise<string | null> {
      const { rows } = await pool.query<{ attempt: string }>(
        `update direct_messages set phase = 'attempting', attempts = attempts + 1, attempted_at = clock_timestamp()
         where id = $1 and phase <> 'sent' and attempted_at is not distinct from $2::timestamptz
         returning attempted_at::text as attempt`,
        [id, underWay],
      );
      return rows[0]?.attempt ?? null;
    },

    /** The attempt certainly never arrived, so it counts for nothing. */
    async takeBack(id: string, attempt: string): Promise<void> {
      await pool.query(
        `update direct_messages set phase = 'planned', attempts = attempts - 1, attempted_at = null
         where id = $1 and phase = 'attempting' and attempted_at = $2::timestamptz`,
        [id, attempt],
      );
    },

    /** Where the message stands that opened this thread. */
    async openingOf(thread: string): Promise<Sent | null> {
      const { rows } = await pool.query<Sent>(
        "select channel, ts from direct_messages where thread = $1 and kind = any($2) and phase = 'sent' order by created_at limit 1",
        [thread, OPENINGS],
      );
      return rows[0] ?? null;
    },

    async sent(id: string, { channel, ts }: Sent): Promise<void> {
      await pool.query(
        "update direct_messages set phase = 'sent', channel = $2, ts = $3, sent_at = clock_timestamp() where id = $1",
        [id, channel, ts],
      );
    },
  };
}

export type DmStore = ReturnType<typeof createDmStore>;
