import type { Pool } from 'pg';
import { alertActor } from '../../machines/shared/actorId.ts';
import type { Message } from '../actors/messages.ts';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { alertSql, IS_ACTIVE, isOnUmbrella } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import type { SilentAlert } from './lastSeen.ts';

/**
 * Ends the episodes of these alerts, which are sent again after their sender was silent beyond its limit, if a person
 * closed their tickets, or the umbrella tickets that name them, meanwhile: the resolution was lost, and the emission is a
 * new episode. Deliver the result ahead of the emissions, and record these as seen in the same transaction. A silence
 * ends one episode, even if several processes receive the emissions that end it.
 */
export async function expiredEpisodes(pool: Pick<Pool, 'query'>, silent: readonly SilentAlert[]): Promise<Message[]> {
  if (silent.length === 0) return [];
  const { rows } = await pool.query<SilentAlert>(EXPIRED, [
    silent.map(({ alertKey }) => alertKey),
    silent.map(({ lastSeenAt }) => lastSeenAt),
  ]);
  return rows.map(({ alertKey, lastSeenAt }) => ({
    to: alertActor(alertKey),
    event: { type: 'EXPIRED', reason: 'its ticket was closed, and its sender had stopped reporting it' },
    eventId: `expired:${lastSeenAt}`,
  }));
}

const IS_CLOSED = "f.ticket_status in ('closed', 'spam', 'gone')";

const EXPIRED = `
  select key as "alertKey", at as "lastSeenAt" from unnest($1::text[], $2::text[]) as asked(key, at)
  join actors a on a.id = ${alertActorSql('key')}
  where ${IS_ACTIVE}
    and (exists (select from filings f where ${IS_CLOSED}
        and f.actor_id = a.id and f.ticket_id = (${alertSql.text('ticket.id', contextOf('a'))})::bigint)
      or ${isOnUmbrella('a.state')} and exists (select from umbrella_members m join filings f on f.id = m.filing_id
        where m.alert_key = key and m.episode = (${alertSql.text('episode', contextOf('a'))})::int and ${IS_CLOSED}))`;
