import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { PageReads } from '../pageReads.ts';
import * as answers from '../schemas/answers.ts';
import { refusalsPage } from '../views/refusals.tsx';

/** For admins, because it shows addresses. */
export const refusalRoutes = (services: Pick<ConsoleApi, 'refusals'>, reads: PageReads): Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/console/refusals',
    access: 'admin',
    summary: 'Counts refused requests by kind, hour, day and network.',
    answers: { 200: { description: 'The last 30 days.', schema: answers.refusals, page: true } },
    async handle(ctx) {
      const refusals = await reads.read(ctx, (signal) => services.refusals(signal));
      return { kind: 'view', json: refusals, page: () => refusalsPage(refusals) };
    },
  }),
];
