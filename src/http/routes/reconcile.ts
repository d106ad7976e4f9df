import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { PageReads } from '../pageReads.ts';
import * as answers from '../schemas/answers.ts';
import { reconcilePage } from '../views/reconcile.tsx';

export function reconcileRoutes(services: ConsoleApi, reads: PageReads): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/reconcile',
      access: 'viewer',
      summary: 'Returns the last comparison of alerts, filings and FreeScout tickets, and the discrepancies it found.',
      answers: {
        200: { description: 'The last run and its discrepancies.', schema: answers.reconciliation, page: true },
      },
      async handle(ctx) {
        const reconciliation = await reads.read(ctx, (signal) => services.reconciliation(signal));
        return { kind: 'view', json: reconciliation, page: () => reconcilePage(reconciliation) };
      },
    }),
  ];
}
