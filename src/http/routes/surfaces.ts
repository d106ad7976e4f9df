import { Problem } from '../../lib/problem.ts';
import { withinPageDeadline } from '../answerWithin.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint, type Reply } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { maintenanceForm, maintenanceWindow, noFields, surfaceParams } from '../schemas/inputs.ts';
import { surfacePage } from '../views/surface.tsx';
import { auditActor } from './auditActor.ts';

const MAINTENANCE = '/console/surfaces/:surface_id/maintenance';

export function surfaceRoutes(services: ConsoleApi): Endpoint[] {
  async function end(surfaceId: string, by: string): Promise<Reply> {
    await withinPageDeadline(services.endMaintenance(surfaceId, by));
    return {
      kind: 'done',
      json: { surface_id: surfaceId, maintenance: null },
      back: `/console/surfaces/${surfaceId}`,
      flash: { tone: 'good', text: 'Maintenance has ended.' },
    };
  }

  return [
    endpoint({
      method: 'get',
      path: '/console/surfaces/:surface_id',
      access: 'viewer',
      summary: "One surface's story: checks, alerts, tickets, history.",
      params: surfaceParams,
      answers: {
        200: { what: 'The story.', schema: answers.surfaceStory, page: true },
        404: { what: 'No such surface (`unknown_surface`).' },
      },
      async handle(_ctx, { params }) {
        const looked = Promise.all([
          services.surface(params.surface_id),
          services.isFlagOn('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS'),
        ]);
        const [story, investigateOn] = await withinPageDeadline(looked);
        if (story === null) throw new Problem('unknown_surface', `There is no surface ${params.surface_id}.`);
        return { kind: 'view', json: story, page: () => surfacePage(story, investigateOn) };
      },
    }),
    endpoint({
      method: 'post',
      path: MAINTENANCE,
      access: 'admin',
      summary: 'Begins maintenance: until its end the surface counts as neither well nor degraded.',
      params: surfaceParams,
      body: maintenanceWindow,
      form: maintenanceForm,
      answers: {
        200: { what: 'The window.', schema: answers.maintenance },
        303: { what: 'For a form: back to the surface.' },
        404: { what: 'No such surface (`unknown_surface`).' },
      },
      async handle(ctx, { params, body }) {
        const by = auditActor(ctx);
        const { surface_id: surfaceId } = params;
        await withinPageDeadline(services.setMaintenance(surfaceId, body, by));
        const until = body.until.toISOString();
        return {
          kind: 'done',
          json: { surface_id: surfaceId, maintenance: { until, reason: body.reason, by } },
          back: `/console/surfaces/${surfaceId}`,
          flash: { tone: 'good', text: `Maintenance until ${until.slice(0, 16).replace('T', ' ')} UTC.` },
        };
      },
    }),
    endpoint({
      method: 'delete',
      path: MAINTENANCE,
      access: 'admin',
      summary: 'Ends maintenance.',
      params: surfaceParams,
      answers: {
        200: { what: 'No window any more.', schema: answers.maintenance },
        404: { what: 'No such surface (`unknown_surface`).' },
      },
      handle: (ctx, { params }) => end(params.surface_id, auditActor(ctx)),
    }),
    endpoint({
      method: 'post',
      path: `${MAINTENANCE}/end`,
      access: 'admin',
      summary: 'Ends maintenance; for forms, which cannot send DELETE.',
      params: surfaceParams,
      form: noFields,
      answers: {
        200: { what: 'No window any more.', schema: answers.maintenance },
        303: { what: 'For a form: back to the surface.' },
        404: { what: 'No such surface (`unknown_surface`).' },
      },
      handle: (ctx, { params }) => end(params.surface_id, auditActor(ctx)),
    }),
  ];
}
