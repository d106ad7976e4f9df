import type { Pool } from 'pg';
import { alertActor } from '../../../machines/shared/actorId.ts';
import type { Deliver } from '../../actors/deliver.ts';
import { IS_ACTIVE, IS_SILENCED } from '../../actors/projections/alert.ts';
import { BY_SILENCE } from '../emission.ts';
import { silenceIsActive } from './active.ts';
import { type ActiveSilence, matches, type SilenceSubject } from './matching.ts';
import { SUBJECT_FIELDS } from './subjects.ts';

/**
 * An alert learns of a silence with its next emission. New silences are also applied to the alerts that are active
 * already, since their senders may never repeat them.
 */

/** Emissions that were judged before the silence was there have been delivered by then. */
const SETTLED = "created_at < clock_timestamp() - interval '1 second'";
/**
 * A silence may be committed some time after its instant. So it is applied once more, when that is certainly over, unless
 * the first time was as late as that.
 */
const COMMITTED = "interval '30 seconds'";

const FIRST = `applied_at is null and ${SETTLED}`;
const AGAIN = `${silenceIsActive()} and applied_at < created_at + ${COMMITTED} and created_at < clock_timestamp() - ${COMMITTED}`;

/** Whether a new silence has to be applied. */
export async function hasNewSilence(pool: Pick<Pool, 'query'>): Promise<boolean> {
  const { rows } = await pool.query<{ any: boolean }>(
    `select exists (select from silences where ${FIRST}) or exists (select from silences where ${AGAIN}) as any`,
  );
  return rows[0]?.any ?? false;
}

/** Returns how many alerts it silenced. */
export async function applySilences({
  pool,
  deliver,
}: {
  pool: Pick<Pool, 'query'>;
  deliver: Deliver;
}): Promise<number> {
  const { rows: fresh } = await pool.query<Pick<ActiveSilence, 'id' | 'matchers'> & { active: boolean }>(
    `select id::text, matchers, ${silenceIsActive()} as active from silences where ${FIRST}
     union all select id::text, matchers, true from silences where ${AGAIN}`,
  );
  if (fresh.length === 0) return 0;
  const active = fresh.filter((silence) => silence.active);
  const alerts = active.length === 0 ? [] : (await pool.query<Subject>(NOT_SILENCED)).rows;
  const matched = alerts.filter((alert) => active.some(({ matchers }) => matches(matchers, alert)));
  let silenced = 0;
  for (let from = 0; from < matched.length; from += AT_ONCE) {
    const delivered = await deliver(
      matched.slice(from, from + AT_ONCE).map(({ alertKey }) => ({
        to: alertActor(alertKey),
        event: { type: 'HOLD_REVIEWED', ...BY_SILENCE },
      })),
    );
    silenced += delivered.filter(({ applied }) => applied === 'changed').length;
  }
  await pool.query('update silences set applied_at = clock_timestamp() where id = any($1::bigint[])', [
    fresh.map(({ id }) => id),
  ]);
  return silenced;
}

type Subject = SilenceSubject & { alertKey: string };
const AT_ONCE = 500;

const NOT_SILENCED = `
  select ${SUBJECT_FIELDS} from actors a
  where a.kind = 'alert' and ${IS_ACTIVE} and a.parked is null and (${IS_SILENCED}) is not true order by a.id`;
