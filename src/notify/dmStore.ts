import type { Pool } from 'pg';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import { ageSeconds } from '../db/age.ts';
import { type DatabaseClock, realAgeMs } from '../db/databaseClock.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { prepared, queryPrepared } from '../db/prepared.ts';
import { storableJson } from '../db/storable.ts';
import type { Sent } from './port.ts';

/** The rows of `direct_messages` and their changes of phase. Each change is one committed statement. */

export interface DmRow {
  phase: 'planned' | 'attempting' | 'sent';
  /** How many requests may have reached Slack. */
  attempts: number;
  createdAt: Date;
  /** Start of the latest attempt that may have arrived, as the text that the database writes; null before the first. */
  attempt: string | null;
  /** Milliseconds that have certainly passed since then. */
  sinceAttemptMs: number | null;
  /** The same instant as a date; now if there is none. */
  attemptedAt: Date;
  /** Its recipients have copies; the message itself is not sent. */
  handedOver: boolean;
}

export const OPENINGS: readonly string[] = ['opened', 'flapping'];
/**
 * Messages that may be the first of a thread. A rise of the severity is, where the alert was quiet before, or its opening
 * message was grouped with others, became a dead letter, or went to other recipients.
 */
export const FIRST: readonly string[] = [...OPENINGS, 'escalated', 'unassigned'];

/** A thread as one recipient sees it. */
export const openingKey = ({ thread, to }: Pick<DmRequest, 'thread' | 'to'>): string => `${thread} ${to ?? ''}`;

export function createDmStore(pool: Pool, clock: DatabaseClock) {
  return {
    /** Returns the rows of these messages by id, created if there is none. */
    async recordIntents(requests: readonly DmRequest[]): Promise<Map<string, DmRow>> {
      const wanted = storableJson(requests.map(({ to = null, ...request }) => ({ ...request, recipient: to })));
      const { rows } = await queryPrepared<DmRow & { id: string }>(pool, RECORD_INTENTS, [wanted]);
      const found = new Map(
        rows.map(({ id, ...row }): [string, DmRow] => [
          id,
          { ...row, sinceAttemptMs: realAgeMs(clock, row.sinceAttemptMs, row.attemptedAt.getTime()) },
        ]),
      );
      // Another process added the missing ones after this statement began.
      const missing = requests.filter(({ id }) => !found.has(id));
      return missing.length === 0 ? found : new Map([...found, ...(await this.recordIntents(missing))]);
    },

    /** Committed before the call. Returns the attempt, or null if another process began one first. */
    async beginAttempt(id: string, { attempt }: DmRow): Promise<string | null> {
      const { rows } = await queryPrepared<{ attempt: string }>(pool, BEGIN_ATTEMPT, [id, attempt]);
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

    /** The places of the oldest messages in the threads of these replies, by {@link openingKey}. */
    async findOpenings(replies: readonly Pick<DmRequest, 'thread' | 'to'>[]): Promise<Map<string, Sent>> {
      const { rows } = await pool.query<Sent & { thread: string; to: string | null }>(
        `select distinct on (thread, recipient) thread, recipient as "to", channel, ts from direct_messages
         where thread = any($1) and kind = any($2) and phase = 'sent' order by thread, recipient, created_at`,
        [replies.map(({ thread }) => thread), FIRST],
      );
      return new Map(rows.map(({ channel, ts, ...opening }) => [openingKey(opening), { channel, ts }]));
    },

    async recordSent(id: string, { channel, ts }: Sent): Promise<void> {
      await queryPrepared(pool, RECORD_SENT, [id, channel, ts]);
    },
  };
}

const FIELDS = `id, phase, attempts, created_at as "createdAt", attempted_at::text as attempt,
  ${ageSeconds('attempted_at')} * 1000 as "sinceAttemptMs", coalesce(attempted_at, clock_timestamp()) as "attemptedAt",
  handed_over_at is not null as "handedOver"`;
const RECORD_INTENTS = prepared(`
  with wanted as (select * from ${rowsFromJson('id text, thread text, kind text, source text, body jsonb, recipient text')}),
  added as (
    insert into direct_messages (id, thread, kind, source, body, recipient)
    select id, thread, kind, source, body, recipient from wanted order by id on conflict (id) do nothing returning *
  )
  select ${FIELDS} from (
    select * from added union all
    select m.* from wanted w join direct_messages m on m.id = w.id
  ) message`);
const BEGIN_ATTEMPT = prepared(`
  update direct_messages set phase = 'attempting', attempts = attempts + 1, attempted_at = clock_timestamp()
  where id = $1 and phase <> 'sent' and attempted_at is not distinct from $2::timestamptz
  returning attempted_at::text as attempt`);
const RECORD_SENT = prepared(
  "update direct_messages set phase = 'sent', channel = $2, ts = $3, sent_at = clock_timestamp() where id = $1",
);

export type DmStore = ReturnType<typeof createDmStore>;
