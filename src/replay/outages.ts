import type { AnyMachineSnapshot } from 'xstate';
import { surfaceActor } from '../../machines/shared/actorId.ts';
import type { SurfaceContext } from '../../machines/surface/types.ts';
import type { InShadow } from '../alerts/shadow/state.ts';
import { type SuppressionState, suppressionState } from '../alerts/suppression.ts';
import type { TroubledSurface } from '../alerts/troubledSurfaces.ts';
import type { SurfaceConfig } from '../surfaces/surfacesFile.ts';

/** What suppresses tickets at a moment of a replay, by the actors of the surfaces. */
export function suppressionIn(
  surfaces: readonly SurfaceConfig[],
  snapshotOf: (actorId: string) => AnyMachineSnapshot | undefined,
  inShadow: InShadow,
): SuppressionState {
  return suppressionState({
    troubled: surfaces.flatMap(({ id }) => troubled(id, snapshotOf(surfaceActor(id)))),
    // The replay sets the maintenance of each window itself.
    begun: new Set(),
    dependencies: new Map(
      surfaces.filter(({ dependsOn }) => dependsOn.length > 0).map(({ id, dependsOn }) => [id, dependsOn]),
    ),
    // Whether a surface recovers after another one is not followed.
    settling: new Set(),
    // Checks while the console was offline were never stored.
    offline: false,
    inShadow,
  });
}

function troubled(id: string, snapshot: AnyMachineSnapshot | undefined): TroubledSurface[] {
  if (!snapshot) return [];
  const { status, streak, policy, confirmedAt, alerting } = snapshot.context as SurfaceContext;
  const value = snapshot.value as { health: unknown; maintenance: unknown };
  const isConfirmed = typeof value.health === 'object';
  const [fails, in_maintenance] = [isConfirmed || value.health === 'suspect', value.maintenance === 'on'];
  if (!fails && !in_maintenance) return [];
  const known = { id, outcome: streak.outcome, severity: policy.severity, confirmedAt, alerting };
  return [{ ...known, status: isConfirmed ? status : null, in_maintenance, fails }];
}
