import type { ClientBase, Pool } from 'pg';
import { alertActorSql, recipientActorSql } from '../actors/projections/actorId.ts';
import { ACTIVE, alertSql } from '../actors/projections/alert.ts';
import { childrenOf } from '../actors/projections/anyActor.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { deleteActors } from './deleteActors.ts';
import { deleteInBatches, type Forgetting } from './deleteInBatches.ts';

interface Forgettable {
  id: string;
  alert_key: string;
  /** How many messages and notes it has queued; their ids have these numbers. */
  said: number;
}

/**
 * Deletes alerts that resolved so many days ago, with everything that was written for them but the audit log: an alert
 * that fires again later is a new one, so nothing of the old one may stay that has its numbers. Keeps alerts that still
 * matter: with an open ticket, a place on an open umbrella ticket, a dead letter, or anything unfinished. Returns how many
 * it deleted.
 */
export const forgetAlerts = (pool: Pool, options: Forgetting): Promise<number> =>
  deleteInBatches(pool, options, forgetSome);

async function forgetSome(client: ClientBase, days: number, limit: number): Promise<number> {
  const { rows } = await client.query<Forgettable>(FORGETTABLE, [days, limit]);
  if (rows.length === 0) return 0;
  const keys = rows.map(({ alert_key }) => alert_key);
  const said = rows.map((row) => row.said);
  const copies = await client.query<{ actor: string }>(DELETE_COPIES, [keys, said]);
  const actors = [...rows.map(({ id }) => id), ...new Set(copies.rows.map(({ actor }) => actor))];
  for (const { table, prefix } of NUMBERED) {
    await client.query(
      `delete from ${table} where id = any (array(
         select '${prefix}:' || key || ':' || n from unnest($1::text[], $2::int[]) as alert (key, said), generate_series(1, said) n))`,
      [keys, said],
    );
  }
  await client.query(DELETE_FINDINGS, [actors]);
  await client.query('delete from filings where actor_id = any($1)', [actors]);
  for (const table of BY_KEY) await client.query(`delete from ${table} where alert_key = any($1)`, [keys]);
  await deleteActors(client, actors);
  return rows.length;
}

/** Rows whose id ends in a number of the alert, as machines/alert/notifications.ts builds it. */
const NUMBERED = [
  { table: 'direct_messages', prefix: 'dm' },
  { table: 'shadow_messages', prefix: 'dm' },
  { table: 'ticket_notes', prefix: 'note' },
];
const BY_KEY = [
  'held_alerts',
  'umbrella_members',
  'alert_sightings',
  'alert_identities',
  'alert_resolutions',
  'unknown_resolutions',
  'unstable_alerts',
];

/** The copies of its messages for single recipients; returns the actors that sent them. */
const DELETE_COPIES = `
  delete from direct_messages where copy_of = any (array(
    select 'dm:' || key || ':' || n from unnest($1::text[], $2::int[]) as alert (key, said), generate_series(1, said) n))
  returning ${recipientActorSql("(body->>'alertKey')", 'recipient')} as actor`;

/** What the reconciler remembers of the tags of their filings: those of a later filing would not be restored. */
const DELETE_FINDINGS = `
  delete from reconcile_findings where kind in ('untagged', 'left_untagged')
    and subject = any (array(select id from filings where actor_id = any($1)))`;

const KEY = `(${alertSql.text('alertKey', contextOf('a'))})`;
const SAID = `coalesce((${alertSql.text('said', contextOf('a'))})::int, 0)`;

/** Read from the oldest on. A row that an event has locked is not old any more. */
const FORGETTABLE = `
  select a.id, ${KEY} as alert_key, ${SAID} as said from actors a
  where a.kind = 'alert' and a.parked is null and ${ACTIVE} = 'false'
    and a.updated_at < now() - make_interval(days => $1)
    and ${childrenOf('a')} = '{}' and a.id = ${alertActorSql(KEY)}
    and not exists (select from timers t where t.actor_id = a.id)
    and not exists (select from inbox i where i.actor_id = a.id)
    and not exists (select from held_events h where h.actor_id = a.id)
    and not exists (select from effects e where e.actor_id = a.id and e.status in ('pending', 'running', 'failed', 'dead'))
    and not exists (select from direct_messages m join effects e on e.actor_id = ${recipientActorSql(KEY, 'm.recipient')}
      where m.copy_of = any (array(select 'dm:' || ${KEY} || ':' || n from generate_series(1, ${SAID}) n))
        and e.status in ('pending', 'running', 'failed', 'dead'))
    and not exists (select from filings f where f.actor_id = a.id
      and (f.ticket_status in ('active', 'pending') or f.phase in ('planned', 'attempting')))
    and not exists (select from umbrella_members m join filings f on f.id = m.filing_id
      where m.alert_key = ${KEY} and f.ticket_status in ('active', 'pending'))
  order by a.updated_at limit $2 for update of a skip locked`;
