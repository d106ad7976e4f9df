import * as health from './health.ts';
import { surfaceSetup } from './setup.ts';
import type { SurfaceContext } from './types.ts';

interface In {
  context: SurfaceContext;
}
interface MaintenanceSet extends In {
  event: { until: string; reason: string; by: string };
}

/** Taken in each state of the region rather than by the region: re-entering a region re-enters its siblings, too. */
const underMaintenance = {
  target: 'on',
  actions: [
    { type: 'set', params: ({ event }: MaintenanceSet) => health.maintenanceSet(event) },
    {
      type: 'audit',
      params: ({ context, event }: MaintenanceSet) => health.maintenanceAudit(context, 'started', event.by),
    },
  ],
} as const;

/** Is it under maintenance? Each window has an end. */
export const maintenanceRegion = surfaceSetup.createStateConfig({
  initial: 'off',
  states: {
    off: { on: { MAINTENANCE_SET: underMaintenance } },
    on: {
      on: {
        MAINTENANCE_SET: { ...underMaintenance, reenter: true },
        MAINTENANCE_ENDED: {
          target: 'off',
          actions: [
            { type: 'audit', params: ({ context, event }) => health.maintenanceAudit(context, 'ended', event.by) },
            { type: 'set', params: { maintenance: null } },
          ],
        },
      },
      after: {
        untilMaintenanceEnds: {
          target: 'off',
          actions: [
            { type: 'audit', params: ({ context }) => health.maintenanceAudit(context, 'ended', 'console') },
            { type: 'set', params: { maintenance: null } },
          ],
        },
      },
    },
  },
});
