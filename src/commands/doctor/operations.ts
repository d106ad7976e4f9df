import type { Pool } from 'pg';
import { newerSentence, waitingForNewer } from '../../actors/newerRelease.ts';
import { HELPDESK_FAILS, helpdeskSql } from '../../actors/projections/helpdesk.ts';
import { silenceIsActive } from '../../alerts/silences/active.ts';
import { registry } from '../../app/machineRegistry.ts';
import { startAWorker } from '../../app/startAWorker.ts';
import { appendAudit } from '../../audit/auditLog.ts';
import type { Config, FlagName } from '../../config/config.ts';
import { ageSeconds } from '../../db/age.ts';
import { createFlags } from '../../flags/flags.ts';
import { counted } from '../../lib/terminal.ts';
import type { FlagState } from '../../model/operations.ts';
import { LATE_MS, lateAfterMs } from '../../surfaces/lateChecks.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

interface Figures {
  dead: number;
  oldest_dead: string | null;
  overdue: boolean | null;
  parked: number;
  silences: number;
  silenced_until: string | null;
  desk_since: string | null;
  waiting: number;
  surfaces: number;
  checked_s_ago: number | null;
  /** The checks of every surface are late, each by its own interval. */
  all_late: boolean | null;
  reconciled_s_ago: number | null;
  reconciled_ms: number | null;
  reconciled_desk: string | null;
  twins: number;
}

/** The state that the program stores: flags, dead letters, parked actors, filings, checks and the reconciler. */
export async function checkOperations(pool: Pool, config: Config): Promise<Finding[]> {
  const flags = await createFlags(pool, config.flags, { audit: appendAudit }).list();
  const { rows } = await pool.query<Figures>(FIGURES, [
    lateAfterMs(config.surfaces.pollIntervalSeconds),
    config.deadLetterAlarmMinutes,
  ]);
  const figures = rows[0];
  const newer = await waitingForNewer(pool, registry);
  return [
    ...flags.map(flag),
    ...(figures ? findingsOf(figures, config) : []),
    newer === null
      ? ok('newer release', 'Nothing waits for a process of a newer release.')
      : warn('newer release', newerSentence(newer)),
  ];
}

function flag({ name, enabled, forced_off, changed_at, changed_by }: FlagState): Finding {
  if (forced_off) {
    return warn(
      name,
      'Forced off by the environment variable of the same name: unset it, and the flags page takes effect again.',
    );
  }
  const since =
    changed_at === null
      ? ', by default'
      : `, changed by ${changed_by} at ${changed_at.slice(0, 16).replace('T', ' ')} UTC`;
  if (enabled) return ok(name, `On${since}.`);
  return warn(name, `Off${since}: ${WITHOUT[name as FlagName]}. An admin can turn it on at /console/flags.`);
}

const WITHOUT: Record<FlagName, string> = {
  FLAG_CONSOLE_ALERTS_AUTO_TICKET: 'no alert gets a ticket',
  FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: 'Investigate files no ticket',
};

function findingsOf(now: Figures, { production, surfaces: { file } }: Config): Finding[] {
  const { parked } = now;
  return [
    deadLetters(now),
    parked === 0
      ? ok('parked actors', 'There are none.')
      : fail(
          'parked actors',
          `${counted(parked, 'actor')} could not be restored by this release and will not process events: see /console/inspect/actors.`,
        ),
    silences(now),
    now.desk_since === null
      ? ok('ticket filing', 'No filing is waiting for FreeScout.')
      : warn(
          'ticket filing',
          `FreeScout has been failing since ${now.desk_since} UTC; ${counted(now.waiting, 'filing waits', 'filings wait')} for it.`,
        ),
    checks(now, { production, expectsSurfaces: file !== null }),
    reconciler(now, { production, expectsSurfaces: file !== null }),
  ];
}

function deadLetters({ dead, oldest_dead: since, overdue }: Figures): Finding {
  if (dead === 0) return ok('dead letters', 'There are none.');
  const where = 'see "auto-ticketing dead-letters list" or /console/dead-letters';
  const age = since === null ? '' : `, the oldest since ${since} UTC`;
  const isOverdue = overdue ? ', which is longer than DEAD_LETTER_ALARM_MINUTES' : '';
  return warn('dead letters', `${counted(dead, 'dead letter')}${age}${isOverdue}: ${where}.`);
}

function silences({ silences: active, silenced_until: until }: Figures): Finding {
  if (active === 0) return ok('silences', 'None is active.');
  return warn(
    'silences',
    `${counted(active, 'active silence')}, the last until ${until} UTC: matching alerts get no ticket and no message. See /console/silences.`,
  );
}

interface Expected {
  production: boolean;
  expectsSurfaces: boolean;
}

function checks(
  { surfaces, checked_s_ago: ago, all_late }: Figures,
  { production, expectsSurfaces }: Expected,
): Finding {
  if (surfaces === 0) {
    return expectsSurfaces
      ? warn('checks', `No surface is watched although SURFACES_FILE is set: ${startAWorker(production)}.`)
      : ok('checks', 'No surface is watched.');
  }
  if (!all_late) return ok('checks', `${counted(surfaces, 'surface')}, last checked ${ago} s ago.`);
  const since = ago === null ? 'No surface has been checked yet' : `No surface has been checked for ${ago} s`;
  return warn('checks', `${since}: ${startAWorker(production)}.`);
}

function reconciler(
  { surfaces, reconciled_s_ago: ago, reconciled_ms, reconciled_desk, twins }: Figures,
  { production, expectsSurfaces }: Expected,
): Finding {
  if (twins > 0) {
    return warn('reconciler', `${counted(twins, 'duplicate ticket')} in FreeScout: see /console/reconcile.`);
  }
  if (ago === null || ago > RECONCILER_LATE_S) {
    const since = ago === null ? 'It has never run' : `It has not run for ${ago} s`;
    return surfaces === 0 && ago === null && !expectsSurfaces
      ? ok('reconciler', `${since}.`)
      : warn('reconciler', `${since}: ${startAWorker(production)}.`);
  }
  const ran = `It ran ${ago} s ago in ${reconciled_ms} ms`;
  if (reconciled_desk === 'looked') return ok('reconciler', `${ran}.`);
  const partly = `${ran}, without a full comparison with FreeScout (${reconciled_desk})`;
  // No command knows the FreeScout of a sandbox.
  if (reconciled_desk === 'not_configured' && !production) return ok('reconciler', `${partly}.`);
  return warn('reconciler', `${partly}: see the checks of FreeScout above.`);
}

/** The reconciler runs each minute. */
const RECONCILER_LATE_S = 120;

const FIGURES = `
  select
    (select count(*) from dead_letters) as dead,
    (select to_char(min(finished_at) at time zone 'UTC', 'YYYY-MM-DD HH24:MI') from dead_letters) as oldest_dead,
    (select min(finished_at) < clock_timestamp() - $2 * interval '1 minute' from dead_letters) as overdue,
    (select count(*) from actors where parked is not null) as parked,
    (select count(*) from silences where ${silenceIsActive()}) as silences,
    (select to_char(max(ends_at) at time zone 'UTC', 'YYYY-MM-DD HH24:MI') from silences where ${silenceIsActive()})
      as silenced_until,
    (select to_char((${helpdeskSql.text('failingSince')})::timestamptz at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
     from actors where ${HELPDESK_FAILS}) as desk_since,
    (select count(*) from actors, jsonb_array_elements(${helpdeskSql.json('waiting')})
     where ${HELPDESK_FAILS}) as waiting,
    (select round(${ageSeconds('ran_at')})::int from reconcile_run) as reconciled_s_ago,
    (select took_ms from reconcile_run) as reconciled_ms,
    (select desk from reconcile_run) as reconciled_desk,
    (select count(*) from reconcile_findings where kind = 'twin' and settled_at is null) as twins,
    count(*) as surfaces,
    round(${ageSeconds('max(checked_at)')})::int as checked_s_ago,
    bool_and(checked_at is null or checked_at < clock_timestamp() - ${LATE_MS} * interval '1 millisecond') as all_late
  from surfaces s where removed_at is null`;
