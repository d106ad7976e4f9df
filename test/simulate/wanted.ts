import type { AlertContext } from '../../machines/alert/types.ts';
import type { SurfaceContext } from '../../machines/surface/types.ts';
import type { UmbrellaContext } from '../../machines/umbrella/types.ts';
import type { FilingRow, Tables } from './tables.ts';

/** Whether the ticket of this filing is wanted at this moment. */
export function isWanted({ id, actorId, path, deadlineAt }: FilingRow, now: number, tables: Tables): boolean {
  const context = tables.actors.get(actorId)?.snapshot.context as unknown;
  if (path === 'umbrella') {
    const umbrella = context as UmbrellaContext | undefined;
    return umbrella?.filingId === id && umbrella.members.length > 0;
  }
  if (path === 'alert') {
    const alert = context as AlertContext | undefined;
    return alert?.active === true && alert.filing?.filingId === id && alert.filing.episode === alert.episode;
  }
  const surface = context as SurfaceContext | undefined;
  const waits = surface?.clicks.some(({ status }) => status === surface.round?.status) ?? false;
  return surface?.round?.filingId === id && waits && now < (deadlineAt ?? Number.POSITIVE_INFINITY);
}
