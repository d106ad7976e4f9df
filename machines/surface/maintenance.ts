import { windowAudit } from './maintenanceWindow.ts';
import { surfaceSetup } from './setup.ts';
import type { SurfaceContext } from './types.ts';

interface In {
  context: SurfaceContext;
}
interface MaintenanceSet extends In {
  event: { until: string; reason: string; by: string };
}
interface MaintenanceEnded extends In {
  event: { by: string };
}

const isNew = { type: 'isNewWindow', params: ({ event }: MaintenanceSet) => event } as const;

const onMaintenanceSet = [
  { type: 'setMaintenance', params: ({ event }: MaintenanceSet) => event },
  { type: 'audit', params: ({ context, event }: MaintenanceSet) => windowAudit(context, 'started', event.by, event) },
] as const;

const onMaintenanceEnded = [
  {
    type: 'audit',
    params: ({ context, event }: MaintenanceEnded) => windowAudit(context, 'ended', event.by, context.maintenance),
  },
  { type: 'endMaintenance', params: ({ event }: MaintenanceEnded) => event },
] as const;

/** Maintenance. Every window has an end. Meanwhile checks count, nothing is emitted, and clicks are refused. */
export const maintenanceRegion = surfaceSetup.createStateConfig({
  initial: 'off',
  // Both states take MAINTENANCE_SET, and not the region: a region that is entered again enters its siblings again, too.
  states: {
    off: {
      description: 'No maintenance.',
      on: { MAINTENANCE_SET: { guard: isNew, target: 'on', actions: onMaintenanceSet } },
    },
    on: {
      description:
        'Checks still count, but they emit no alert, and clicks are refused. Windows of the surfaces file and of ' +
        'each operator add up: maintenance ends with the last of them, or when a person ends it.',
      on: {
        MAINTENANCE_SET: { guard: isNew, target: 'on', reenter: true, actions: onMaintenanceSet },
        MAINTENANCE_ENDED: [
          // The file reports that it has no window now, whether or not it had one before.
          { guard: { type: 'endsNoWindow', params: ({ event }) => event } },
          {
            guard: { type: 'hasOtherWindow', params: ({ event }) => event },
            target: 'on',
            reenter: true,
            actions: { type: 'endMaintenance', params: ({ event }) => event },
          },
          { target: 'off', actions: onMaintenanceEnded },
        ],
      },
      after: {
        // Windows end at an instant. The clock of the database may have been set back since the timer was set.
        untilMaintenanceEnds: [
          { guard: 'windowLasts', target: 'on', reenter: true },
          {
            target: 'off',
            actions: [
              {
                type: 'audit',
                params: ({ context }) => windowAudit(context, 'ended', 'console', context.maintenance),
              },
              'clearMaintenance',
            ],
          },
        ],
      },
    },
  },
});
