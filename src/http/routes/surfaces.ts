import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { PageReads } from '../pageReads.ts';
import * as answers from '../schemas/answers.ts';
import { surfaceParams } from '../schemas/inputs.ts';
import { surfacePage } from '../views/surface.tsx';

export function surfaceRoutes(services: ConsoleApi, reads: PageReads): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/surfaces/:surface_id',
      access: 'viewer',
      summary: 'Returns one surface with its outages, tickets, alerts, checks and history.',
      params: surfaceParams,
      answers: {
        200: { description: 'The surface.', schema: answers.surfaceStory, page: true },
        404: { description: 'No such surface (`unknown_surface`).' },
      },
      async handle(ctx, { params }) {
        const [story, investigateOn] = await Promise.all([
          reads.read(ctx, (signal) => services.surface(params.surface_id, signal)),
          withPageDeadline(services.isFlagOn('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS')),
        ]);
        if (story === null) throw new Problem('unknown_surface', `There is no surface "${params.surface_id}".`);
        return { kind: 'view', json: story, page: () => surfacePage(story, investigateOn) };
      },
    }),
  ];
}
