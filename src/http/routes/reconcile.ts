import { withinPageDeadline } from '../answerWithin.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { reconcilePage } from '../views/reconcile.tsx';

export function reconcileRoutes(services: ConsoleApi): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/reconcile',
      access: 'viewer',
      summary: 'What did not fit together between what fails, what was intended and what stands in FreeScout.',
      answers: { 200: { what: 'The last run, and what it found.', schema: answers.reconciliation, page: true } },
      async handle() {
        const found = await withinPageDeadline(services.reconciliation());
        return { kind: 'view', json: found, page: () => reconcilePage(found) };
      },
    }),
  ];
}
