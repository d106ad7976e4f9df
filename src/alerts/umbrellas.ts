import type { ClientBase } from 'pg';
import type { Membership } from '../../machines/shared/protocol.ts';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { alertSql } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { storableJson } from '../db/storable.ts';
import { TICKET_COLUMNS } from '../tickets/ticketState.ts';

/** Which alerts are on which umbrella ticket: the table `umbrella_members`. */

/** Written in the transaction in which alerts join or leave an umbrella. Of each alert the last entry counts. */
export async function recordMemberships(
  client: Pick<ClientBase, 'query'>,
  memberships: readonly Membership[],
): Promise<void> {
  const last = [...new Map(memberships.map((each) => [`${each.filingId}\n${each.alertKey}`, each])).values()];
  const joined = last.filter(({ isOn }) => isOn);
  const left = last.filter(({ isOn }) => !isOn);
  if (left.length > 0) await client.query(LEAVE, [storableJson(left)]);
  if (joined.length > 0) await client.query(JOIN, [storableJson(joined)]);
}

/** The alert's actor row exists already: it was written before the alert asked to join. */
const JOIN = `
  insert into umbrella_members (filing_id, alert_key, episode, surface_id)
  select x."filingId", x."alertKey", coalesce((${alertSql.text('episode', 'context')})::int, 0),
    ${alertSql.text('surfaceId', 'context')}
  from ${rowsFromJson('"filingId" text, "alertKey" text')}
  left join lateral (
    select ${contextOf()} as context from actors where id = ${alertActorSql('x."alertKey"')} offset 0) a on true
  order by 1, 2
  on conflict (filing_id, alert_key) do update set episode = excluded.episode, surface_id = excluded.surface_id,
    joined_at = excluded.joined_at`;

const LEAVE = `
  delete from umbrella_members m using ${rowsFromJson('"filingId" text, "alertKey" text')}
  where m.filing_id = x."filingId" and m.alert_key = x."alertKey"`;

/** The columns of `filings f` that make up a StoredTicket of an umbrella. */
export const UMBRELLA_COLUMNS = `${TICKET_COLUMNS},
  (select greatest(count(*) - 1, 0)::int from umbrella_members others where others.filing_id = f.id) as shared_with`;
