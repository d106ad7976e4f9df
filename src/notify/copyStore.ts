import type { Pool } from 'pg';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { storableJson } from '../db/storable.ts';
import type { Recipient } from './recipients.ts';

/** The copies of messages that go to several recipients, or to others than the person in SLACK_DM_USER_ID. */

export interface Copy {
  /** The message that it is a copy of. */
  of: string;
  request: DmRequest;
}

export function createCopyStore(pool: Pick<Pool, 'query'>) {
  return {
    /** Who was told something in these threads, by thread. */
    async recipientsOfThreads(threads: readonly string[]): Promise<Map<string, Recipient[]>> {
      if (threads.length === 0) return new Map();
      const { rows } = await pool.query<{ thread: string; recipients: Recipient[] }>(
        `select thread, array_agg(distinct recipient) as recipients from direct_messages
         where thread = any($1) and (copy_of is not null or phase <> 'planned') group by thread`,
        [threads],
      );
      return new Map(rows.map(({ thread, recipients }) => [thread, recipients]));
    },

    /** Returns all copies of these messages, also those of an earlier run that did not hand them over. */
    async recordCopies(copies: readonly Copy[]): Promise<DmRequest[]> {
      const rows = copies.map(({ of, request: { to, ...request } }) => ({
        ...request,
        recipient: to ?? null,
        copy_of: of,
      }));
      const stored = await pool.query<DmRequest & { to: Recipient }>(RECORD_COPIES, [storableJson(rows)]);
      return stored.rows;
    },

    async recordHandedOver(ids: readonly string[]): Promise<void> {
      await pool.query('update direct_messages set handed_over_at = clock_timestamp() where id = any($1)', [ids]);
    },
  };
}

export type CopyStore = ReturnType<typeof createCopyStore>;

const FIELDS = 'id, thread, kind, source, body, recipient as "to"';
const RECORD_COPIES = `
  with wanted as (
    select * from ${rowsFromJson('id text, thread text, kind text, source text, body jsonb, recipient text, copy_of text')}
  ), added as (
    insert into direct_messages (id, thread, kind, source, body, recipient, copy_of)
    select id, thread, kind, source, body, recipient, copy_of from wanted order by id
    on conflict (id) do nothing returning ${FIELDS}
  )
  select * from added
  union all
  select ${FIELDS} from direct_messages where copy_of in (select copy_of from wanted)`;
