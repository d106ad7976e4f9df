import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { PageReads } from '../pageReads.ts';
import * as answers from '../schemas/answers.ts';
import { customerParams, customersQuery } from '../schemas/inputs.ts';
import { customerPage, customersPage, ticketsHref } from '../views/customers.tsx';

/** FreeScout may be slow; the page must still answer within five seconds. */
const TICKETS_DEADLINE_MS = 4_500;

export function customerRoutes(services: ConsoleApi, reads: PageReads): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/customers',
      access: 'viewer',
      summary: 'Lists customers by name; `q` finds them by id, name or email address.',
      query: customersQuery,
      answers: {
        200: { description: 'One page of customers.', schema: answers.customers, page: true },
        303: { description: "With `id`: redirects to that customer's tickets." },
      },
      async handle(ctx, { query: { id, ...query } }) {
        if (id !== undefined) return { kind: 'redirect', to: ticketsHref(id) };
        const found = await reads.search(ctx, (signal) => services.customers(query, signal));
        return { kind: 'view', json: found, page: () => customersPage(found, query) };
      },
    }),
    endpoint({
      method: 'get',
      path: '/console/customers/:id/tickets',
      access: 'viewer',
      summary: "Lists a customer's open and recently closed tickets. Creates nothing.",
      params: customerParams,
      answers: {
        200: {
          description: 'The tickets; `degraded` is true while FreeScout does not answer.',
          schema: answers.customer,
          page: true,
        },
        404: { description: 'No such customer (`unknown_customer`).' },
      },
      async handle(_ctx, { params }) {
        const view = await withDeadline(TICKETS_DEADLINE_MS, 'The list of tickets', services.customer(params.id));
        if (view === null) throw new Problem('unknown_customer', `No customer has the id ${params.id}.`);
        return { kind: 'view', json: view, page: () => customerPage(view) };
      },
    }),
  ];
}
