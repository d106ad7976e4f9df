import { windowAudit } from './maintenanceWindow.ts';
import { surfaceSetup } from './setup.ts';
import type { SurfaceContext } from './types.ts';

interface MaintenanceSet {
  context: SurfaceContext;
  event: { until: string; reason: string; by: string };
}

const onMaintenanceSet = [
  { type: 'setMaintenance', params: ({ event }: MaintenanceSet) => event },
  { type: 'audit', params: ({ context, event }: MaintenanceSet) => windowAudit(context, 'started', event.by) },
] as const;

/** Maintenance. Every window has an end. Meanwhile checks count, nothing is emitted, and clicks are refused. */
export const maintenanceRegion = surfaceSetup.createStateConfig({
  initial: 'off',
  // Both states take MAINTENANCE_SET, and not the region: a region that is entered again enters its siblings again, too.
  states: {
    off: {
      description: 'No maintenance.',
      on: { MAINTENANCE_SET: { target: 'on', actions: onMaintenanceSet } },
    },
    on: {
      description: 'Checks still count, but they emit no alert, and clicks are refused. Every window has an end.',
      on: {
        MAINTENANCE_SET: { target: 'on', reenter: true, actions: onMaintenanceSet },
        MAINTENANCE_ENDED: {
          target: 'off',
          actions: [
            { type: 'audit', params: ({ context, event }) => windowAudit(context, 'ended', event.by) },
            'clearMaintenance',
          ],
        },
      },
      after: {
        untilMaintenanceEnds: {
          target: 'off',
          actions: [
            { type: 'audit', params: ({ context }) => windowAudit(context, 'ended', 'console') },
            'clearMaintenance',
          ],
        },
      },
    },
  },
});
