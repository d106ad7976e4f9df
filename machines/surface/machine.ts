import { ticketUpdatesRegion } from '../shared/ticketUpdates.ts';
import { blank } from './health.ts';
import { healthRegion } from './healthRegion.ts';
import { choreAudit, choreDone } from './investigation.ts';
import { investigationRegion } from './investigationRegion.ts';
import { maintenanceRegion } from './maintenanceRegion.ts';
import { surfaceSetup } from './setup.ts';

/**
 * One watched surface. Four things go on side by side: is it well, is it under maintenance, what did
 * operators ask about it, and what its tickets still have to be told.
 */
export const surfaceMachine = surfaceSetup.createMachine({
  id: 'surface',
  type: 'parallel',
  context: ({ input }) => blank((input?.id ?? '').replace(/^surface:/, '')),
  states: {
    health: healthRegion,
    maintenance: maintenanceRegion,
    investigation: investigationRegion,
    upkeep: ticketUpdatesRegion({ audit: choreAudit, done: choreDone }),
  },
});
