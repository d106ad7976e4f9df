import type { Pool } from 'pg';
import { decodeCursor, instantOfMicros, MICROS, micros, pageOf, TEXT } from '../db/keyset.ts';
import type { DeadLetter, Page } from '../http/services.ts';

interface Row extends Omit<DeadLetter, 'finished_at'> {
  finished_at: Date;
  key: string;
}

/** Effects that were given up, the latest first. Throws Problem `invalid_field` for a cursor that is none of ours. */
export async function listDeadLetters(
  pool: Pick<Pool, 'query'>,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<Page<DeadLetter>> {
  const after = cursor === undefined ? [] : decodeCursor(cursor, [MICROS, TEXT]);
  const { rows } = await pool.query<Row>(
    `select id, actor_id, src, input, attempts, error, finished_at, ${micros('finished_at')} as key
     from effects
     where status = 'dead' ${cursor === undefined ? '' : `and (finished_at, id) < (${instantOfMicros('$2')}, $3)`}
     order by finished_at desc, id desc limit $1`,
    [limit + 1, ...after],
  );
  const show = ({ key: _, finished_at, ...row }: Row) => ({ ...row, finished_at: finished_at.toISOString() });
  return pageOf(rows, limit, show, ({ key, id }) => [key, id]);
}
