import { blank } from './surfaceHealth.ts';
import { healthRegion } from './surfaceHealthRegion.ts';
import { choreAudit, choreDone } from './surfaceInvestigation.ts';
import { investigationRegion } from './surfaceInvestigationRegion.ts';
import { maintenanceRegion } from './surfaceMaintenanceRegion.ts';
import { surfaceSetup } from './surfaceSetup.ts';
import { upkeep } from './upkeep.ts';

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
    upkeep: upkeep({ audit: choreAudit, done: choreDone }),
  },
});
