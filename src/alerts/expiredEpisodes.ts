import type { Pool } from 'pg';
import { alertActor } from '../../machines/shared/actorId.ts';
import type { Message } from '../actors/messages.ts';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { alertSql, IS_ACTIVE } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';

/**
 * Ends the episodes of these alerts, which are sent again after their sender was silent beyond its limit, if a person
 * closed their tickets meanwhile: the resolution got lost, and what comes now is something new. Deliver the result ahead
 * of the emissions.
 */
export async function expiredEpisodes(pool: Pick<Pool, 'query'>, alertKeys: readonly string[]): Promise<Message[]> {
  if (alertKeys.length === 0) return [];
  const { rows } = await pool.query<{ alert_key: string }>(EXPIRED, [alertKeys]);
  return rows.map(({ alert_key }) => ({
    to: alertActor(alert_key),
    event: { type: 'EXPIRED', reason: 'its ticket was closed, and its sender had stopped reporting it' },
  }));
}

const EXPIRED = `
  select key as alert_key from unnest($1::text[]) as key join actors a on a.id = ${alertActorSql('key')}
  where ${IS_ACTIVE}
    and exists (select from filings f where f.ticket_status in ('closed', 'spam', 'gone')
      and f.actor_id = a.id and f.ticket_id = (${alertSql.text('ticket.id', contextOf('a'))})::bigint)`;
