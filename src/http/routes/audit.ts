import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { has } from '../middleware/authenticate.ts';
import type { PageReads } from '../pageReads.ts';
import * as answers from '../schemas/answers.ts';
import { auditQuery } from '../schemas/inputs.ts';
import { auditPage } from '../views/audit.tsx';

export function auditRoutes(services: ConsoleApi, reads: PageReads): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/audit',
      access: 'viewer',
      summary: 'Lists the audit log, newest first.',
      query: auditQuery,
      answers: { 200: { description: 'One page of entries.', schema: answers.audit, page: true } },
      async handle(ctx, { query }) {
        const withVisitors = has(ctx.state.principal, 'admin');
        // A text can be anywhere in a month of entries, which no index finds.
        const search = query.q === undefined || query.q === '' ? reads.search : reads.searchInTurn;
        const audit = await search(ctx, (signal) => services.audit({ ...query, withVisitors }, signal));
        const shown = { ...query, since: query.since?.toISOString() };
        return { kind: 'view', json: audit, page: () => auditPage(audit, shown) };
      },
    }),
  ];
}
