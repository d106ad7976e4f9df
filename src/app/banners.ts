import type { Pool } from 'pg';
import { MAX_WAITING } from '../../machines/helpdeskQueue.ts';
import { newerSentence, waitingForNewer } from '../actors/newerRelease.ts';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { alertSql, IS_ACTIVE } from '../actors/projections/alert.ts';
import { connectionSql, IS_OFFLINE } from '../actors/projections/connection.ts';
import { HELPDESK_FAILS, helpdeskSql } from '../actors/projections/helpdesk.ts';
import { contextOf } from '../actors/projections/projection.ts';
import type { Config } from '../config/config.ts';
import { registry } from './machineRegistry.ts';
import { notConfigured } from './notConfigured.ts';

/** Sentences for the top of every page: what is failing now, and what is not configured. */
export async function banners(pool: Pool, config: Config): Promise<string[]> {
  const sentences = notConfigured(config);
  const [{ rows }, { rows: unstable }, newer] = await Promise.all([
    pool.query<{ what: string; n: number; since: string | null }>(PROBLEMS, [config.deadLetterAlarmMinutes]),
    pool.query<{ source: string; alert_key: string; title: string }>(UNSTABLE),
    waitingForNewer(pool, registry),
  ]);
  if (newer) sentences.push(newerSentence(newer));
  for (const { what, n, since } of rows) {
    if (what === 'offline') {
      sentences.push(
        `This console has been offline since ${since} UTC: ${n === 1 ? 'the self-check target does not answer' : `none of ${n} self-check targets answers`}. Check results are ignored, and no ticket is filed for surfaces.`,
      );
    }
    if (what === 'desk')
      sentences.push(
        `FreeScout has been failing since ${since} UTC; ${n === 1 ? '1 ticket waits' : `${n >= MAX_WAITING ? 'at least ' : ''}${n} tickets wait`} for it.`,
      );
    if (what === 'dead') sentences.push(`${n} ${n === 1 ? 'delivery' : 'deliveries'} failed; see Dead letters.`);
    if (what === 'overdue')
      sentences.push(
        `${n === 1 ? 'A dead letter waits' : `${n} dead letters wait`} for a person, the oldest since ${since} UTC; see Dead letters.`,
      );
    if (what === 'parked') sentences.push(`${n} ${n === 1 ? 'actor is' : 'actors are'} parked; see Inspect.`);
  }
  for (const { source, alert_key, title } of unstable) {
    sentences.push(
      `The sender "${source}" gives the alert "${title}" a new id each time; it is limited to one ticket, ${alert_key}.`,
    );
  }
  return sentences;
}

const UNSTABLE = `
  select ${alertSql.text('source', contextOf('a'))} as source, u.alert_key,
    left(${alertSql.text('title', contextOf('a'))}, 120) as title
  from unstable_alerts u join actors a on a.id = ${alertActorSql('u.alert_key')}
  where ${IS_ACTIVE} order by u.since desc limit 3`;

const PROBLEMS = `
  select 'desk' as what, jsonb_array_length(${helpdeskSql.json('waiting')}) as n,
    to_char((${helpdeskSql.text('failingSince')})::timestamptz at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as since
  from actors where ${HELPDESK_FAILS}
  union all
  select 'offline', (${connectionSql.text('targets')})::int,
    to_char((${connectionSql.text('offlineSince')})::timestamptz at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
  from actors where ${IS_OFFLINE}
  union all
  select case when min(finished_at) < now() - $1 * interval '1 minute' then 'overdue' else 'dead' end, count(*)::int,
    to_char(min(finished_at) at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
  from dead_letters having count(*) > 0
  union all
  select 'parked', count(*)::int, null from actors where parked is not null having count(*) > 0`;
