import { withinPageDeadline } from '../answerWithin.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { auditQuery } from '../schemas/inputs.ts';
import { auditPage } from '../views/audit.tsx';

export function auditRoutes(services: ConsoleApi): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/audit',
      access: 'viewer',
      summary: 'The audit log, newest first.',
      query: auditQuery,
      answers: { 200: { what: 'One page of rows.', schema: answers.audit, page: true } },
      async handle(_ctx, { query }) {
        const audit = await withinPageDeadline(services.audit(query));
        const shown = { ...query, since: query.since?.toISOString() };
        return { kind: 'view', json: audit, page: () => auditPage(audit, shown) };
      },
    }),
  ];
}
