import type { Pool } from 'pg';
import { kindOf } from '../../machines/shared/actorId.ts';
import type { TicketText } from '../../machines/shared/protocol.ts';
import type { Message } from '../actors/messages.ts';
import { alertSql } from '../actors/projections/alert.ts';
import { Problem } from '../lib/problem.ts';
import type { DeadLetterRow } from './deadLetterList.ts';

/**
 * The events that ask for a refused ticket once more: one for the alert that it was about, or one for each alert that
 * was to be on an umbrella's. Each takes it only while it stands where the refusal left it.
 * Throws Problem `reason_gone` where there is nobody to ask.
 */
export async function refiling(
  pool: Pick<Pool, 'query'>,
  { actor_id, input, edited }: DeadLetterRow,
): Promise<Message[]> {
  const filingId = typeof input === 'object' && input !== null && 'filingId' in input ? String(input.filingId) : '';
  const event = { type: 'REPLAYED', filingId, words: edited as TicketText | null };
  if (kindOf(actor_id) === 'alert') return [{ to: actor_id, event }];
  if (kindOf(actor_id) === 'umbrella') {
    const { rows } = await pool.query<{ id: string }>(MEMBERS, [filingId]);
    return rows.map(({ id }) => ({ to: id, event }));
  }
  throw new Problem(
    'reason_gone',
    'The click that asked for this ticket was answered: click Investigate again, and discard this letter.',
  );
}

/** The ticket names only so many of them. */
const MEMBERS = `
  select id from actors where kind = 'alert' and ${alertSql.isIn('ticket.rejected')}
    and ${alertSql.text('letter.filingId')} = $1 order by id`;
