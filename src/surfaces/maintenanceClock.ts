import type { Pool } from 'pg';
import { surfaceActor } from '../../machines/shared/actorId.ts';
import { SET_BY_FILE } from '../../machines/surface/maintenanceWindow.ts';
import type { SurfaceContext } from '../../machines/surface/types.ts';
import type { Deliver } from '../actors/deliver.ts';
import type { Delivered, Message } from '../actors/messages.ts';
import { isPartlyDelivered } from '../db/contention.ts';
import type { Log } from '../log/log.ts';
import { type WindowState, windowsAt } from './maintenanceWindows.ts';
import type { SurfaceConfig } from './surfacesFile.ts';

/** A process that dies in between leaves a surface for this many seconds. */
export const LEASE_S = 10;
const AT_ONCE = 500;

interface DueSurface {
  id: string;
  config: SurfaceConfig;
  now: Date;
  /** The instant for which it was due. */
  instant: Date;
  /** As text, since a Date would round it. */
  lease: string;
}

/**
 * Begins and ends the maintenance of surfaces at the instants of their windows, whenever the next check may be. Call it
 * several times a second. A surface is checked at once when a window begins or ends, so that an outage which outlasted
 * the window is raised without waiting for the next interval. Any number of processes may call it. The timer of the actor
 * ends the last window too: also that of a surface which was removed from the file, or while no process polls.
 */
export async function keepMaintenance(pool: Pool, deliver: Deliver, log: Pick<Log, 'warn'>): Promise<void> {
  const { rows: due } = await pool.query<DueSurface>(
    `with due as (
       select id, window_at as instant from surfaces where removed_at is null and window_at <= clock_timestamp()
       order by window_at limit $1 for update skip locked
     )
     update surfaces s set window_at = clock_timestamp() + $2 * interval '1 second'
     from due where s.id = due.id
     returning s.id, s.config, clock_timestamp() as now, due.instant, s.window_at::text as lease`,
    [AT_ONCE, LEASE_S],
  );
  if (due.length === 0) return;
  const windows = due.flatMap((surface) => {
    const { id, instant, lease } = surface;
    return readableWindows(surface, log).map((state) => ({ id, instant, lease, ...state }));
  });
  const messages = windows.map(({ id, current }) => messageFor(id, current));
  const { delivered, undelivered } = await deliverUnlocked(deliver, messages);
  // A surface that another transaction holds is due again when its lease ends.
  const planned = windows.filter(({ id }) => !undelivered.has(surfaceActor(id)));
  const byActor = new Map(delivered.map((each) => [each.message.to, each]));
  const outcomes = planned.map((each) => whatFollows(each, byActor.get(surfaceActor(each.id))));
  // A surface whose file or window changed meanwhile is due again, and stays so.
  await pool.query(
    `with known as (
       select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::boolean[], $5::timestamptz[], $6::boolean[])
         as known (id, window_at, lease, changed, instant, failing)
     ), locked as materialized (
       select id from surfaces where id in (select id from known) order by id for update
     )
     update surfaces s set window_at = coalesce(known.window_at, 'infinity'),
       next_check_at = case when known.changed or known.failing and s.checked_at < known.instant
         then least(s.next_check_at, clock_timestamp()) else s.next_check_at end
     from locked join known using (id) where s.id = locked.id and s.window_at = known.lease::timestamptz`,
    [
      planned.map(({ id }) => id),
      outcomes.map(({ next }) => next),
      planned.map(({ lease }) => lease),
      outcomes.map(({ changed }) => changed),
      planned.map(({ instant }) => instant),
      outcomes.map(({ failing }) => failing),
    ],
  );
}

/** An earlier release may have stored windows that cannot be read. They must not stop those of all other surfaces. */
function readableWindows({ id, config, now }: DueSurface, log: Pick<Log, 'warn'>): WindowState[] {
  try {
    return [windowsAt(config, now)];
  } catch (error) {
    log.warn({ err: error, surface_id: id }, 'maintenance windows of a surface cannot be read; they are not in force');
    return [];
  }
}

async function deliverUnlocked(deliver: Deliver, messages: readonly Message[]) {
  try {
    return { delivered: await deliver(messages), undelivered: new Set<string>() };
  } catch (error) {
    if (!isPartlyDelivered(error)) throw error;
    return { delivered: error.delivered, undelivered: new Set(error.undelivered.map(({ to }) => to)) };
  }
}

type Windows = Pick<SurfaceContext, 'maintenance' | 'bad'>;

/** When the surface is due again, and what was found of it. A surface whose delivery is missing has no window of an operator. */
function whatFollows({ nextChangeAt }: { nextChangeAt: string | null }, delivered: Delivered | undefined) {
  const was = delivered?.before?.context as Windows | undefined;
  const is = delivered?.snapshot?.context as Windows | undefined;
  const maintenance = is?.maintenance ?? null;
  return {
    next: earliest(nextChangeAt, maintenance?.until ?? null),
    /** Maintenance began, ended or has another end now. */
    changed: was?.maintenance?.until !== maintenance?.until || was?.maintenance?.reason !== maintenance?.reason,
    /** The timer of its actor may have ended the maintenance first. */
    failing: maintenance === null && (is?.bad ?? 0) > 0,
  };
}

export const messageFor = (id: string, current: { until: string; reason: string } | null): Message => ({
  to: surfaceActor(id),
  event: current
    ? { type: 'MAINTENANCE_SET', ...current, by: SET_BY_FILE }
    : { type: 'MAINTENANCE_ENDED', by: SET_BY_FILE },
});

const earliest = (a: string | null, b: string | null): string | null =>
  a === null || b === null ? (a ?? b) : a < b ? a : b;

/** Asks for {@link keepMaintenance} at this instant, after an operator set or ended maintenance. */
export async function watchMaintenance(pool: Pick<Pool, 'query'>, surfaceId: string, at: Date | null): Promise<void> {
  await pool.query('update surfaces set window_at = least(window_at, coalesce($2, clock_timestamp())) where id = $1', [
    surfaceId,
    at,
  ]);
}
