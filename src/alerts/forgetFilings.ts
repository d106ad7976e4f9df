import type { ClientBase, Pool } from 'pg';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { ACTIVE, alertSql } from '../actors/projections/alert.ts';
import { hasUpdateOf, namesFiling } from '../actors/projections/anyActor.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { hasUnfinishedEffect } from '../actors/projections/unfinishedEffect.ts';
import { deleteInBatches, type Forgetting } from './deleteInBatches.ts';

/**
 * Deletes the filings of clicks and of umbrella tickets that ended so many days ago, with what was written for them but the
 * audit log. Those of alerts are deleted with their alerts. The actors of surfaces and umbrellas live on and number their
 * filings, so no later filing has the id of a deleted one. Keeps a filing that still matters: its ticket is open, its
 * outcome is not known, its actor or an effect still works on it, it has a dead letter, or an alert that it names is still
 * in the same episode. Returns how many it deleted.
 */
export const forgetFilings = (pool: Pool, options: Forgetting): Promise<number> =>
  deleteInBatches(pool, options, forgetSome);

async function forgetSome(client: ClientBase, days: number, limit: number): Promise<number> {
  const { rows } = await client.query<{ id: string }>(FORGETTABLE, [days, limit]);
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  await client.query(DELETE_FINDINGS, [ids]);
  await client.query('delete from umbrella_members where filing_id = any($1)', [ids]);
  await client.query('delete from filings where id = any($1)', [ids]);
  return rows.length;
}

const DELETE_FINDINGS = `
  delete from reconcile_findings where kind in ('untagged', 'left_untagged') and subject = any($1)`;

/** As in the condition of its index. */
const HAS_ENDED = `f.path <> 'alert' and f.phase not in ('planned', 'attempting')
    and coalesce(f.ticket_status, '') not in ('active', 'pending')`;

const LAST_CHANGE = `greatest(f.created_at, f.attempted_at, f.withdrawn_at, f.filed_at, f.reused_at, f.replied_at,
    f.checked_at, f.closed_at)`;

/**
 * A ticket that appears late for a filing without one is found by the marker, while the reconciler reads what changed on
 * the help desk: it has to have read beyond the last attempt. A day is more than both clocks differ.
 */
const MAY_APPEAR_LATE = `f.ticket_id is null and f.attempts > 0 and not exists (
    select from reconcile_run r where r.seen_until > f.attempted_at + interval '1 day')`;

/** Its actor can take events, and needs it no more. */
const ITS_ACTOR_IS_DONE = `exists (
    select from actors a where a.id = f.actor_id and a.parked is null
      and not coalesce(${namesFiling('a', 'f.id')}, false) and not coalesce(${hasUpdateOf('a', 'f.ticket_id')}, false) offset 0)`;

/** Its alert may be asked whether its umbrella ticket was closed. */
const NAMES_PRESENT_EPISODE = `exists (
    select from umbrella_members m join actors a on a.id = ${alertActorSql('m.alert_key')}
    where m.filing_id = f.id
      and (${ACTIVE} = 'true' or (${alertSql.text('episode', contextOf('a'))})::int = m.episode) offset 0)`;

/** Read from the oldest on. A row that a transaction has locked is about to change. */
const FORGETTABLE = `
  select f.id from filings f
  where ${HAS_ENDED}
    and f.created_at < now() - make_interval(days => $1)
    and ${LAST_CHANGE} < now() - make_interval(days => $1)
    and not (${MAY_APPEAR_LATE})
    and ${ITS_ACTOR_IS_DONE}
    and not exists (select from held_events h where h.actor_id = f.actor_id offset 0)
    and not ${hasUnfinishedEffect(['f.actor_id'], "(e.input->>'filingId' = f.id or e.input->>'ticketId' = f.ticket_id::text)")}
    and not ${NAMES_PRESENT_EPISODE}
  order by f.created_at limit $2 for update of f skip locked`;
