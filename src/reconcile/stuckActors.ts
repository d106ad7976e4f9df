import type { Pool } from 'pg';
import { kindOf } from '../../machines/shared/actorId.ts';
import type { Deliver } from '../actors/deliver.ts';
import { alertSql, hasSeverity, IS_ACTIVE } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import type { Registry } from '../actors/registry.ts';
import { repairStuckActors } from '../actors/repair/stuckActors.ts';
import { appendAudit } from '../audit/auditLog.ts';
import { reportOnce } from './findings.ts';
import { auditRow, type Tally } from './outcomes.ts';

/** Repairs stuck actors, and reports those that only a person can repair. */
export async function compareActors(deps: {
  pool: Pool;
  registry: Registry;
  deliver: Deliver;
  isAutoTicketOn: () => Promise<boolean>;
  silentAfterMinutes: number;
  tally: Tally;
}): Promise<void> {
  const { pool, registry, tally } = deps;
  const repairs = await repairStuckActors(pool, registry, (client, all) =>
    appendAudit(
      client,
      all.map(({ what, actorId, details }) => auditRow(what, { actor_id: actorId, ...details })),
    ),
  );
  for (const { what } of repairs) tally.note(what);
  await reconsiderAlerts(deps);
  await reportParked(pool, tally);
}

/**
 * Asks active P1 and P2 alerts to decide about their ticket if that was never decided. Their machines file as usual;
 * if the flag is off or the sender is silent, the next emission decides.
 */
async function reconsiderAlerts({
  pool,
  registry,
  deliver,
  isAutoTicketOn,
  silentAfterMinutes,
  tally,
}: Parameters<typeof compareActors>[0]): Promise<void> {
  const { rows } = await pool.query<{ id: string; version: number }>(UNDECIDED, [silentAfterMinutes]);
  const ours = rows.filter(({ id, version }) => version <= registry.of(id).version);
  if (ours.length === 0 || !(await isAutoTicketOn())) return;
  const delivered = await deliver(ours.map(({ id }) => ({ to: id, event: { type: 'RECONSIDER' } })));
  tally.note('alert_reconsidered', delivered.filter(({ applied }) => applied === 'changed').length);
}

/** Reports parked actors: a person has to start a release that can restore them. */
async function reportParked(pool: Pool, tally: Tally): Promise<void> {
  await pool.query(`
    delete from reconcile_findings f where f.kind = 'parked'
      and not exists (select 1 from actors a where a.id = f.subject and a.parked is not null)`);
  const { rows } = await pool.query<{ id: string; parked: string }>(`
    select id, parked from actors a where a.parked is not null
      and not exists (select 1 from reconcile_findings f where f.kind = 'parked' and f.subject = a.id)
    order by id limit 500`);
  for (const { id, parked } of rows) {
    const details = { actor_id: id, kind: kindOf(id), reason: parked };
    if (await reportOnce(pool, { kind: 'parked', subject: id, details }, 'actor_parked')) tally.note('actor_parked');
  }
}

const UNDECIDED = `
  select a.id, a.version from actors a
  left join alert_sightings seen on seen.alert_key = ${alertSql.text('alertKey', contextOf('a'))}
  where a.kind = 'alert' and a.parked is null
    and ${IS_ACTIVE} and ${alertSql.isIn('ticket.none', 'a.state')}
    and ${hasSeverity(['P1', 'P2'], contextOf('a'))}
    and coalesce(seen.last_seen_at >= clock_timestamp() - $1 * interval '1 minute', true)
  order by a.id limit 500`;
