import type { Pool } from 'pg';
import { kindOf } from '../../machines/shared/actorId.ts';
import type { TicketText } from '../../machines/shared/protocol.ts';
import type { Message } from '../actors/messages.ts';
import { alertSql } from '../actors/projections/alert.ts';
import { Problem } from '../lib/problem.ts';
import type { DeadLetterRow } from './deadLetterList.ts';

/**
 * The events that ask for a rejected ticket again: one for its alert, or one for each alert of an umbrella ticket. An alert
 * accepts the event only in the state in which the rejection left it. Throws Problem `reason_gone` for a click.
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
    'The click that asked for this ticket was answered: click Investigate again, and discard this dead letter.',
  );
}

/** All members, since the ticket names only some of them. */
const MEMBERS = `
  select id from actors where kind = 'alert' and ${alertSql.isIn('ticket.rejected')}
    and ${alertSql.text('letter.filingId')} = $1 order by id`;
