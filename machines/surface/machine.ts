import { droppedAudit, ticketUpdatesRegion } from '../shared/ticketUpdates.ts';
import { certificateRegion } from './certificate.ts';
import { initialContext } from './checks.ts';
import { healthRegion } from './health.ts';
import { investigationRegion } from './investigation.ts';
import { maintenanceRegion } from './maintenance.ts';
import { overloadRegion } from './overload.ts';
import { surfaceSetup } from './setup.ts';
import type { SurfaceContext } from './types.ts';

/**
 * One watched surface. Its status, an overload, its certificate, its maintenance, the clicks on Investigate and the ticket
 * updates each have a region of their own, so that none of them waits for another.
 */
export const surfaceMachine = surfaceSetup.createMachine({
  id: 'surface',
  type: 'parallel',
  context: ({ input }) => initialContext(input?.id ?? ''),
  states: {
    health: healthRegion,
    overload: overloadRegion,
    certificate: certificateRegion,
    maintenance: maintenanceRegion,
    investigation: investigationRegion,
    upkeep: ticketUpdatesRegion<SurfaceContext>({
      audit: ({ surfaceId }, update, result) =>
        droppedAudit(update, result, { area: 'status', subject: { surface_id: surfaceId }, actor: 'console' }),
    }),
  },
});
