import type { ConsoleApi } from '../consoleApi.ts';
import { withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { refusalsPage } from '../views/refusals.tsx';

/** For admins, because it shows addresses. */
export const refusalRoutes = (services: Pick<ConsoleApi, 'refusals'>): Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/console/refusals',
    access: 'admin',
    summary: 'Counts refused requests by kind, hour, day and network.',
    answers: { 200: { description: 'The last 30 days.', schema: answers.refusals, page: true } },
    async handle() {
      const refusals = await withPageDeadline(services.refusals());
      return { kind: 'view', json: refusals, page: () => refusalsPage(refusals) };
    },
  }),
];
