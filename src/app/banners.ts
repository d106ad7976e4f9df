import type { Pool } from 'pg';
import { MAX_WAITING } from '../../machines/helpdeskQueue.ts';
import { CONNECTION_ACTOR } from '../../machines/shared/actorId.ts';
import { WORKER_RUNS } from '../actors/liveness.ts';
import { newerSentence, waitingForNewer } from '../actors/newerRelease.ts';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { alertSql, IS_ACTIVE } from '../actors/projections/alert.ts';
import { connectionSql, IS_OFFLINE } from '../actors/projections/connection.ts';
import { HELPDESK_FAILS, helpdeskSql } from '../actors/projections/helpdesk.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { countHeldByFlag } from '../alerts/suppressedStore.ts';
import type { Config } from '../config/config.ts';
import { type NotConfigured, notConfigured } from '../config/notConfigured.ts';
import { prepared, queryPrepared } from '../db/prepared.ts';
import type { Flags } from '../flags/flags.ts';
import type { Banner } from '../model/operations.ts';
import { flagBanners } from './flagBanners.ts';
import { registry } from './machineRegistry.ts';
import { startAWorker } from './startAWorker.ts';

interface BannerDeps {
  pool: Pool;
  config: Config;
  flags: Pick<Flags, 'list'>;
  /** This process is a worker itself. */
  isWorker: boolean;
}

/** Warnings for the top of pages: what is failing now, what is off, and what is not configured. The worst come first. */
export async function banners({ pool, config, flags, isWorker }: BannerDeps): Promise<Banner[]> {
  const { deadLetterAlarmMinutes, surfaces } = config;
  const [{ rows }, { rows: unstable }, newer, states] = await Promise.all([
    queryPrepared<Trouble>(pool, PROBLEMS, [deadLetterAlarmMinutes, surfaces.pollIntervalSeconds + WORKER_GRACE_S]),
    pool.query<UnstableAlert>(UNSTABLE),
    waitingForNewer(pool, registry),
    flags.list(),
  ]);
  const off = states.some(({ enabled }) => !enabled);
  return [
    ...rows.filter(({ what }) => !(what === 'no_worker' && isWorker)).map((each) => troubleBanner(each, config)),
    ...notConfigured(config).map(notConfiguredBanner),
    ...(off ? flagBanners(states, await countHeldByFlag(pool)) : []),
    ...(newer ? [banner(newerSentence(newer), '', { href: '/console/inspect/actors', label: 'Inspect' })] : []),
    ...unstable.map(unstableBanner),
  ];
}

const banner = (text: string, advice: string, link: Banner['link'] = null): Banner => ({
  text,
  advice,
  link,
  sections: null,
});

const CONSEQUENCE: Record<NotConfigured['part'], string> = {
  FreeScout: 'FreeScout is not configured: no ticket can be filed.',
  Slack: 'Slack is not configured: nobody gets a direct message.',
};

function notConfiguredBanner({ part, missing, reasons }: NotConfigured): Banner {
  const check = '"auto-ticketing doctor" checks the settings.';
  const advice = missing.length === 0 ? check : `Set ${missing.join(', ')}. ${check}`;
  return banner([CONSEQUENCE[part], ...reasons].join(' '), advice);
}

interface Trouble {
  what: 'no_worker' | 'offline' | 'desk' | 'dead' | 'overdue' | 'parked';
  n: number;
  since: string | null;
}

const FIX_AND_REPLAY = 'Fix the error that each one names, then replay or discard it.';
const DEAD_LETTERS = { href: '/console/dead-letters', label: 'Dead letters' };

function troubleBanner({ what, n, since }: Trouble, { freescout, production }: Config): Banner {
  switch (what) {
    case 'no_worker':
      return banner(
        'No worker is running: no surface is checked, and bursts of alerts are not filed.',
        `To resume, ${startAWorker(production)}.`,
      );
    case 'offline':
      return banner(
        `This console has been offline since ${since} UTC: ${n === 1 ? 'the self-check target does not answer' : `none of ${n} self-check targets answers`}. Check results are ignored, and no ticket is filed for surfaces.`,
        'Check the network of the workers.',
        { href: `/console/inspect/actors/${CONNECTION_ACTOR}`, label: 'Connection' },
      );
    case 'desk':
      return banner(
        `FreeScout has been failing since ${since} UTC; ${n === 1 ? '1 ticket waits' : `${n >= MAX_WAITING ? 'at least ' : ''}${n} tickets wait`} for it.`,
        'Repair FreeScout. Alerts that are still active then get their tickets.',
        freescout.baseUrl ? { href: freescout.baseUrl, label: 'FreeScout' } : null,
      );
    case 'dead':
      return banner(`${n} ${n === 1 ? 'delivery' : 'deliveries'} failed.`, FIX_AND_REPLAY, DEAD_LETTERS);
    case 'overdue':
      return banner(
        `${n === 1 ? 'A dead letter waits' : `${n} dead letters wait`} for a person, the oldest since ${since} UTC.`,
        FIX_AND_REPLAY,
        DEAD_LETTERS,
      );
    case 'parked':
      return banner(
        `${n} ${n === 1 ? 'actor is' : 'actors are'} parked and will not process events.`,
        'This is a bug: keep the rows, and send the developers the log lines "actor parked".',
        { href: '/console/inspect/actors?state=parked', label: 'Parked actors' },
      );
  }
}

interface UnstableAlert {
  source: string;
  alert_key: string;
  title: string;
}

const unstableBanner = ({ source, alert_key, title }: UnstableAlert): Banner =>
  banner(
    `The sender "${source}" gives the alert "${title}" a new id each time; it is limited to one ticket.`,
    'Make the sender keep the id of an alert.',
    { href: `/console/alerts/${encodeURIComponent(alert_key)}`, label: alert_key },
  );

const UNSTABLE = `
  select ${alertSql.text('source', contextOf('a'))} as source, u.alert_key,
    left(${alertSql.text('title', contextOf('a'))}, 120) as title
  from unstable_alerts u join actors a on a.id = ${alertActorSql('u.alert_key')}
  where ${IS_ACTIVE} order by u.since desc limit 3`;

/**
 * A worker of an older release does not show itself by a lock, but it checks surfaces. One that is replaced is away for a
 * moment.
 */
const WORKER_GRACE_S = 10;

const PROBLEMS = prepared(`
  select 'no_worker' as what, 1 as n, null as since
  where not ${WORKER_RUNS} and not exists (
    select from surfaces where removed_at is null and checked_at > clock_timestamp() - $2 * interval '1 second')
  union all
  select 'desk', jsonb_array_length(${helpdeskSql.json('waiting')}),
    to_char((${helpdeskSql.text('failingSince')})::timestamptz at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
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
  select 'parked', count(*)::int, null from actors where parked is not null having count(*) > 0`);
