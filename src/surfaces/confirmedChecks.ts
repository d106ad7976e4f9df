import type { ClientBase } from 'pg';
import { surfaceIdOfActor } from '../../machines/shared/actorId.ts';
import type { Status, SurfaceContext } from '../../machines/surface/types.ts';
import type { Delivered } from '../actors/messages.ts';
import { rowsFromJson } from '../db/jsonRows.ts';

/**
 * A check is counted for its day when it is stored, at the status that the surface has then. The checks that confirm
 * another status are counted at that one instead, in the transaction that changes it: what the console shows of the
 * status and of the day always agrees.
 */

/** The last `checks` checks of a surface count as `became` and not as `was`. */
interface ConfirmedChange {
  surface_id: string;
  was: Status;
  became: Status;
  checks: number;
}

export const confirmedChanges = (delivered: readonly Delivered[]): ConfirmedChange[] =>
  delivered.flatMap((each) => confirmedChange(each) ?? []);

function confirmedChange({ message, before, snapshot }: Delivered): ConfirmedChange | null {
  if (message.event.type !== 'CHECKED' || !before || !snapshot) return null;
  const was = before.context as SurfaceContext;
  const is = snapshot.context as SurfaceContext;
  // Without a status before, and under maintenance, checks are not counted by the status.
  if (was.status === is.status || was.status === 'UNKNOWN' || is.maintenance) return null;
  const change = { surface_id: surfaceIdOfActor(message.to), was: was.status };
  // The failed checks of an unstable surface are counted as down already.
  if (was.unstable && is.status === 'DOWN') return null;
  if (is.unstable) return { ...change, became: is.streak.outcome === 'down' ? 'DOWN' : is.status, checks: 1 };
  const slowAndFailed = is.status === 'DEGRADED' && was.status === 'OPERATIONAL';
  const confirming = slowAndFailed ? is.bad : is.streak.count;
  // Those before the end of a maintenance are counted as maintenance.
  return { ...change, became: is.status, checks: Math.min(confirming, is.checksInService ?? confirming) };
}

/** Rows are locked in the order in which storing checks locks them. */
export async function recount(client: Pick<ClientBase, 'query'>, changes: readonly ConfirmedChange[]): Promise<void> {
  if (changes.length === 0) return;
  await client.query(
    `with changed as (select * from ${rowsFromJson('surface_id text, was text, became text, checks int')}),
     confirming as materialized (
       select changed.surface_id, changed.was, changed.became, (c.at at time zone 'UTC')::date as day, count(*)::int as n
       from changed cross join lateral (
         select at from checks where checks.surface_id = changed.surface_id order by at desc limit changed.checks
       ) c group by 1, 2, 3, 4
     ), locked as materialized (
       select d.surface_id, d.day from surface_days d join confirming using (surface_id, day)
       order by d.surface_id, d.day for update of d
     ), moved as materialized (
       select surface_id, day, was, became, least(n, case was when 'OPERATIONAL' then d.operational
         when 'DEGRADED' then d.degraded else d.down end) as n
       from locked join confirming using (surface_id, day) join surface_days d using (surface_id, day)
     )
     update surface_days d set
       operational = d.operational + case 'OPERATIONAL' when m.became then m.n when m.was then -m.n else 0 end,
       degraded = d.degraded + case 'DEGRADED' when m.became then m.n when m.was then -m.n else 0 end,
       down = d.down + case 'DOWN' when m.became then m.n when m.was then -m.n else 0 end
     from moved m where d.surface_id = m.surface_id and d.day = m.day`,
    [JSON.stringify(changes)],
  );
}
