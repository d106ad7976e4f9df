import type { ConsoleApi } from '../consoleApi.ts';
import { withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint, type Reply } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { maintenanceForm, maintenanceWindow, noFields, surfaceParams } from '../schemas/inputs.ts';
import { formatUtc } from '../views/time.tsx';
import { auditActor } from './auditActor.ts';

const PATH = '/console/surfaces/:surface_id/maintenance';

export function maintenanceRoutes(services: ConsoleApi): Endpoint[] {
  return [startRoute(services), endRoute(services), endFormRoute(services)];
}

const startRoute = (services: ConsoleApi): Endpoint =>
  endpoint({
    method: 'post',
    path: PATH,
    access: 'admin',
    summary: 'Starts maintenance. Until it ends, the surface raises no alert and cannot be investigated.',
    params: surfaceParams,
    body: maintenanceWindow,
    form: maintenanceForm,
    answers: {
      200: { description: 'The maintenance window.', schema: answers.maintenance },
      303: { description: 'For a form: back to the surface.' },
      404: { description: 'No such surface (`unknown_surface`).' },
    },
    async handle(ctx, { params, body }) {
      const by = auditActor(ctx);
      const { surface_id: surfaceId } = params;
      await withPageDeadline(services.setMaintenance(surfaceId, body, by));
      const until = body.until.toISOString();
      return {
        kind: 'done',
        json: { surface_id: surfaceId, maintenance: { until, reason: body.reason, by } },
        back: `/console/surfaces/${surfaceId}`,
        flash: { tone: 'good', text: `Maintenance started. It ends at ${formatUtc(until)}.` },
      };
    },
  });

const endRoute = (services: ConsoleApi): Endpoint =>
  endpoint({
    method: 'delete',
    path: PATH,
    access: 'admin',
    summary: 'Ends maintenance.',
    params: surfaceParams,
    answers: {
      200: { description: 'The surface is not under maintenance any more.', schema: answers.maintenance },
      404: { description: 'No such surface (`unknown_surface`).' },
    },
    handle: (ctx, { params }) => end(services, params.surface_id, auditActor(ctx)),
  });

const endFormRoute = (services: ConsoleApi): Endpoint =>
  endpoint({
    method: 'post',
    path: `${PATH}/end`,
    access: 'admin',
    summary: 'Ends maintenance. For forms, which cannot send DELETE.',
    params: surfaceParams,
    form: noFields,
    answers: {
      200: { description: 'The surface is not under maintenance any more.', schema: answers.maintenance },
      303: { description: 'For a form: back to the surface.' },
      404: { description: 'No such surface (`unknown_surface`).' },
    },
    handle: (ctx, { params }) => end(services, params.surface_id, auditActor(ctx)),
  });

async function end(services: ConsoleApi, surfaceId: string, by: string): Promise<Reply> {
  await withPageDeadline(services.endMaintenance(surfaceId, by));
  return {
    kind: 'done',
    json: { surface_id: surfaceId, maintenance: null },
    back: `/console/surfaces/${surfaceId}`,
    flash: { tone: 'good', text: 'Maintenance ended.' },
  };
}
