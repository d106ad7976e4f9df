import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { PageReads } from '../pageReads.ts';
import * as answers from '../schemas/answers.ts';
import { weeklyQuery } from '../schemas/inputs.ts';
import { WEEKLY_PATH, weeklyPage } from '../views/weekly.tsx';

export function weeklyRoutes(services: ConsoleApi, reads: PageReads): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: WEEKLY_PATH,
      access: 'viewer',
      summary:
        'Returns what happened in one week: alerts, tickets, how long they took, what was noisy or suppressed, and what to fix first.',
      query: weeklyQuery,
      answers: {
        200: {
          description: 'The report of the week; without `week`, of the present one.',
          schema: answers.week,
          page: true,
        },
      },
      async handle(ctx, { query: { week } }) {
        const report = await reads.read(ctx, (signal) => services.weekly(week, signal));
        if (report === null) {
          throw new Problem('invalid_field', `There is no week "${week}": write an ISO week such as 2026-W31.`, {
            field: 'week',
          });
        }
        return { kind: 'view', json: report, page: () => weeklyPage(report) };
      },
    }),
  ];
}
