import type { Pool } from 'pg';
import type { helpdeskBreakerMachine } from '../../../machines/helpdeskBreaker.ts';
import { HELPDESK_ACTOR } from '../../../machines/shared/actorId.ts';
import { prepared, queryPrepared } from '../../db/prepared.ts';
import { alertSql } from './alert.ts';
import { contextOf, projectionOf } from './projection.ts';

export const helpdeskSql = projectionOf<typeof helpdeskBreakerMachine>();

/** Condition on `actors` that finds the circuit breaker of the help desk while it is open, and nothing otherwise. */
export const HELPDESK_FAILS = `id = '${HELPDESK_ACTOR}' and ${helpdeskSql.isWithin('failing')}`;

/** Condition on `actors` that finds the circuit breaker unless it is closed and has nothing to watch. */
const AWAITS_SUCCESS = `id = '${HELPDESK_ACTOR}' and not (${helpdeskSql.isIn('working')})`;

/** Whether the breaker lists the actor with this id, as one that waits or as one whose ticket was refused. */
const isListed = (id: string): string => `(
  coalesce(${helpdeskSql.json('waiting', contextOf('h'))} ? ${id}, false)
  or jsonb_path_exists(${helpdeskSql.json('refused', contextOf('h'))}, '$[*].who ? (@ == $who)', jsonb_build_object('who', ${id})))`;

/**
 * Actors whose filing waits while the breaker is closed and does not list it. One that has just begun to wait is left out:
 * its report may be on its way. Parameters: the id to continue after, and how many.
 */
export const UNLISTED_WAITING = `
  select a.id from actors a
  where ${alertSql.isIn('ticket.waiting', 'a.state')} and a.parked is null
    and a.updated_at < clock_timestamp() - interval '5 seconds'
    and not exists (select from actors where ${HELPDESK_FAILS})
    and not exists (select from actors h where h.id = '${HELPDESK_ACTOR}' and ${isListed('a.id')})
    and a.id > $1 order by a.id limit $2`;

/** Whether the circuit breaker is open: only filings that were chosen to probe may call the help desk. */
export async function isHelpdeskFailing(pool: Pick<Pool, 'query'>): Promise<boolean> {
  const { rowCount } = await pool.query(`select 1 from actors where ${HELPDESK_FAILS}`);
  return (rowCount ?? 0) > 0;
}

const FIND_AWAITING = prepared(`select 1 from actors where ${AWAITS_SUCCESS}`);

/** Whether a filing that succeeds is news to the circuit breaker: it is open, or keeps tickets that were refused. */
export async function awaitsSuccess(pool: Pick<Pool, 'query'>): Promise<boolean> {
  const { rowCount } = await queryPrepared(pool, FIND_AWAITING, []);
  return (rowCount ?? 0) > 0;
}
